import ArgumentParser
import Crypto
import Deploying
import Foundation
import Planning
import Reporting
import ServingDomain

/// A plan document as it was written by `plan`, or the answer of `simulate`, which has a single layout.
struct PlanFile {
    enum Kind: String {
        case plan = "PlanResult"
        case simulation = "SimulationResult"
    }

    private let path: String
    private let kind: Kind
    let document: JSONValue
    private let plans: [JSONValue]
    private let planningCase: JSONValue?
    /// Of the document itself.
    let digest: String
    /// What the solver left open.
    let solverFindings: [Finding]
    /// Of the costs that the plan was made with; nil where it does not tell.
    let profileDigest: String?

    /// - Parameters:
    ///   - file: path of the document.
    ///   - isRunnable: whether the plans that the engine can run are meant, where it cannot run what the
    ///     case asks for.
    ///   - kinds: what the document may be.
    /// - Throws: where there is no such document, or it has no such plans.
    init(
        path file: String, isRunnable: Bool = false, of kinds: [Kind] = [.plan]
    ) throws(Failure) {
        let path = Console.name(of: file)
        self.path = path
        let data = try Console.read(file)
        guard let document = try? JSONDecoder().decode(JSONValue.self, from: data) else {
            throw Failure(ToolExit.badData, "\(path): not JSON; expected a plan document.")
        }
        guard let kind = kinds.first(where: { document["kind"] == .string($0.rawValue) }) else {
            let expected = kinds.map(\.rawValue).joined(separator: " or ")
            throw Failure(
                ToolExit.badData,
                "\(path): kind is \(document["kind"].shown); expected \(expected).")
        }
        self.kind = kind
        guard document["apiVersion"] == .string(PlanDocument.apiVersion) else {
            throw Failure(
                ToolExit.badData,
                "\(path): apiVersion is \(document["apiVersion"].shown); this tool reads "
                    + "\(PlanDocument.apiVersion).")
        }
        let source = isRunnable ? document["engine"]?["runnable"] : document
        let listed = kind == .simulation && !isRunnable ? .array([document]) : source?["plans"]
        guard case .array(let plans)? = listed else {
            throw Failure(
                ToolExit.badData,
                isRunnable
                    ? "\(path): engine.runnable has no plans: the engine can run what the case asks "
                        + "for, or its rules were ignored; leave --runnable out."
                    : "\(path): plans is missing; expected an array.")
        }
        self.document = document
        self.plans = plans
        digest = "sha256:" + SHA256.hash(data: data).hexadecimal
        solverFindings = Self.solverFindings(document["solver"])
        planningCase = document["case"]
        profileDigest =
            if case .string(let digest)? = document["profile"]?["digest"] { digest } else { nil }
        let objective = document["case"]?["planning"]?["objective"]
        rate =
            if objective == .string(Case.Planning.Objective.maxRate.rawValue),
                case .number(let rate)? = source?["search"]?["rate_per_s"]
            { rate } else { nil }
    }

    /// A gap that was not closed, for which a better layout may exist.
    private static func solverFindings(_ solver: JSONValue?) -> [Finding] {
        guard let solver, let gap = solver["gap"] else { return [] }
        let value: Double
        switch gap {
        case .integer(let whole): value = Double(whole)
        case .number(let number): value = number
        default: return []
        }
        let status = solver["status"].shown
        return [
            Finding(
                .solverGap, value > 1e-6 ? .fail : .pass,
                "the integer program ended with status \(status) and a gap of \(value)"
                    + (value > 1e-6 ? "; a better layout may exist: plan with more time" : ""))
        ]
    }

    /// The rate that was found and at which the plans were simulated; nil where none was looked for.
    let rate: Double?

    /// The case that was planned, in the keys of a case file.
    var caseText: String {
        get throws(Failure) {
            guard let planningCase, let text = try? planningCase.json() else {
                throw Failure(
                    ToolExit.badData, "\(path): case is missing; give the case file with --case.")
            }
            return text
        }
    }

    /// Place of the plan that the document recommends: the first that meets every target, else the first
    /// that may, else the first.
    var recommendedRank: Int {
        let verdicts = plans.map { $0["verdict"] }
        let place =
            verdicts.firstIndex(of: .string(Verdict.pass.rawValue))
            ?? verdicts.firstIndex(of: .string(Verdict.undecided.rawValue)) ?? 0
        return place + 1
    }

    /// Replications behind the plan at this place; nil where it does not tell.
    func replications(rank: Int) -> Int? {
        guard plans.indices.contains(rank - 1),
            case .integer(let count)? = plans[rank - 1]["replications"], (1...1000).contains(count)
        else { return nil }
        return count
    }

    /// The plan at this place; null where there is none.
    func plan(rank: Int) -> JSONValue {
        plans.indices.contains(rank - 1) ? plans[rank - 1] : .null
    }

    /// The layout of the plan at this place in the order, from 1; several may share a rank.
    func deployment(rank: Int) throws(Failure) -> Deployment {
        guard let plan = plans.indices.contains(rank - 1) ? plans[rank - 1] : nil else {
            throw Failure(
                ToolExit.badData, "\(path): no plan has rank \(rank); there are \(plans.count).")
        }
        guard kind == .plan else { return try layout(of: plan) }
        let prefill = try groups(plan, "prefill")
        let decode = try groups(plan, "decode")
        let colocated = try groups(plan, "colocated")
        switch (prefill.isEmpty, decode.isEmpty, colocated.isEmpty) {
        case (false, false, true): return .disaggregated(prefill: prefill, decode: decode)
        case (true, true, false): return .colocated(colocated)
        default:
            throw Failure(
                ToolExit.badData,
                "\(path): plan \(rank) needs prefill and decode groups, or colocated ones alone.")
        }
    }

    /// The layout of a simulation, which is a word.
    private func layout(of simulation: JSONValue) throws(Failure) -> Deployment {
        let word = simulation["layout"]
        guard let layout = Deployment(notation: word?.plainText ?? "") else {
            throw Failure(
                ToolExit.badData,
                "\(path): layout is \(word.shown); expected \(LayoutArgument.expectation).")
        }
        return layout
    }

    /// The layouts of all plans, in their order.
    var deployments: [Deployment] {
        get throws(Failure) {
            var found: [Deployment] = []
            for place in plans.indices { found.append(try deployment(rank: place + 1)) }
            return found
        }
    }

    private func groups(_ plan: JSONValue, _ role: String) throws(Failure) -> [WorkerGroup] {
        guard let list = plan[role] else { return [] }
        guard case .array(let groups) = list else {
            throw Failure(ToolExit.badData, "\(path): \(role) is \(list.shown); expected an array.")
        }
        var found: [WorkerGroup] = []
        for group in groups { found.append(try self.group(group, role)) }
        return found
    }

    private func group(_ group: JSONValue, _ role: String) throws(Failure) -> WorkerGroup {
        guard case .integer(let tp)? = group["parallelism"]?["tp"],
            let degree = TensorParallelDegree(tp)
        else {
            throw Failure(
                ToolExit.badData,
                "\(path): \(role).parallelism.tp is \(group["parallelism"]?["tp"].shown ?? "missing");"
                    + " expected a power of two from 1 to 64.")
        }
        let shape = Parallelism(
            tensor: degree, pipeline: try further(group, role, "pp", in: 1...1),
            data: try further(group, role, "dp", in: 1...1024),
            expert: try further(group, role, "ep", in: 1...1024))
        guard case .integer(let replicas)? = group["replicas"], (1...4096).contains(replicas) else {
            throw Failure(
                ToolExit.badData,
                "\(path): \(role).replicas is \(group["replicas"].shown); expected a whole number "
                    + "from 1 to 4096.")
        }
        let pool: String
        switch group["pool"] {
        case nil: pool = GPUPool.onlyName
        case .string(let name)? where GPUPool.isName(name): pool = name
        case let other:
            throw Failure(
                ToolExit.badData,
                "\(path): \(role).pool is \(other.shown); expected the name of a pool.")
        }
        return WorkerGroup(pool: pool, parallelism: shape, replicas: replicas)
    }

    /// A degree beside that of tensor parallelism; 1 where it is not there.
    private func further(
        _ group: JSONValue, _ role: String, _ key: String, in range: ClosedRange<Int>
    ) throws(Failure) -> Int {
        switch group["parallelism"]?[key] {
        case nil: return 1
        case .integer(let degree)? where range.contains(degree): return degree
        case let other:
            throw Failure(
                ToolExit.badData,
                "\(path): \(role).parallelism.\(key) is \(other.shown); expected "
                    + (range.count == 1 ? "1, for nothing else is simulated." : "1 to 1024."))
        }
    }
}

/// One of the plans of a document.
struct RankOption: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: "Which plan of the document, counted from 1. Default: the one that it recommends.",
        transform: wholeNumber(1...1_000_000))
    var rank: Int?

    @Flag(
        help: ArgumentHelp(
            "Mean the plans that the engine can run (engine.runnable), with the policy and settings "
                + "that it has."))
    var runnable = false
}
