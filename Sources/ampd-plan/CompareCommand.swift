import ArgumentParser
import Catalog
import Foundation
import Planning
import Reporting
import ServingDomain
import Simulation
import Validating

struct CompareCommand: SimulatingCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Put two plans side by side, or a plan beside measurements.",
        discussion: """
            Two plans are also simulated on the same sessions, those of the first, each with its own engine, \
            policy and costs, unless --as-written is given. An answer of simulate (-o json) may stand for a plan, for example of the \
            trace that was measured. Measurements may be a Benchmark Report, a result of vllm bench serve, an \
            export of AIPerf or a file of rounds. Exit code 0.
            """)

    @OptionGroup var planned: PlannedOptions

    @Argument(help: "Another plan document.", completion: .anyFile)
    var otherFile: String?

    @Option(
        help: "File of a benchmark of this plan; may be repeated.", completion: .anyFile)
    var measured: [String] = []

    @Option(
        help: ArgumentHelp(
            "Compare what is predicted for this tenant alone with --measured. Files of rounds that name "
                + "tenants are read for this one; others have to hold its requests alone."))
    var tenant: String?

    @Option(
        help: "Write the plan's predictions as Benchmark Report v0.2.1 (YAML) to this file.",
        completion: .anyFile)
    var benchmarkReport: String?

    @Flag(help: "Compare two plans by their documents alone.")
    var asWritten = false

    @OptionGroup var format: OutputOptions
    @OptionGroup var runs: CacheOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard otherFile != nil || !measured.isEmpty || benchmarkReport != nil else {
            throw ValidationError(
                "nothing to compare with; give another plan, --measured or --benchmark-report.")
        }
        guard otherFile == nil || measured.isEmpty else {
            throw ValidationError("give another plan or --measured, not both.")
        }
        guard tenant == nil || (!measured.isEmpty && benchmarkReport == nil) else {
            throw ValidationError(
                "--tenant goes with --measured, and not with --benchmark-report.")
        }
        guard tenant != "" else {
            throw ValidationError("--tenant: expected the name of a tenant.")
        }
        guard otherFile != nil || !asWritten else {
            throw ValidationError(
                "--as-written compares two plans; give another one or leave it out.")
        }
    }

    mutating func run() async throws {
        let file = try benchmarkReport.map { path throws(Failure) in
            try OutputFile(path, option: "--benchmark-report")
        }
        let source = try CaseSource(common)
        let side = try Side(planned.planFile, planned, source, tenant: tenant)
        if let file { try write(side, source, to: file) }
        if let otherFile {
            let other = try Side(otherFile, planned, source)
            let differences =
                asWritten || !side.isComparable(with: other)
                ? [] : try await differences(side, other, source)
            let pair = PlanPair(
                (Console.name(of: planned.planFile), side.figures),
                (Console.name(of: otherFile), other.figures),
                differences: differences, toolVersion: Version.current)
            try Console.print(result: format.format.render(pair))
        } else if !measured.isEmpty {
            let files = try benchmarks()
            for file in files { side.warn(of: file.figures, in: file.name, source.catalog) }
            let comparison = MeasuredComparison(
                side.figures, measured: files, toolVersion: Version.current)
            guard !comparison.isEmpty else {
                throw Failure(
                    ToolExit.badData,
                    "\(measured.joined(separator: ", ")): tells no figure that the plan predicts"
                        + (side.isOverloaded
                            ? ", for its layout is overloaded and has no latencies." : "."))
            }
            try Console.print(result: format.format.render(comparison))
        }
    }

    /// One plan with the case that it was made for.
    private struct Side {
        let plans: PlanFile
        let rank: Int
        let draft: CaseDraft
        let layout: Deployment
        let figures: PlanPredictions

        init(
            _ path: String, _ planned: PlannedOptions, _ source: CaseSource, tenant: String? = nil
        ) throws(Failure) {
            plans = try PlanFile(
                path: path, isRunnable: planned.place.runnable, of: [.plan, .simulation])
            rank = planned.rank(in: plans)
            draft = try planned.draft(of: plans, .likeThePlan, source, path: path)
            layout = try plans.deployment(rank: rank)
            figures =
                if let tenant {
                    try plans.figures(rank: rank, tenant: tenant, path: path)
                } else {
                    plans.figures(rank: rank, sessionsPerSecond: draft.offeredRate)
                }
        }

        /// Whether both serve the same model, without which a comparison on the same sessions tells nothing.
        func isComparable(with other: Side) -> Bool {
            guard let model = draft.platform?.model.name,
                let second = other.draft.platform?.model.name,
                model != second
            else { return true }
            Console.say(
                "warning: the plans serve different models, \(model) and \(second); only what they say "
                    + "of themselves is shown")
            return false
        }

        /// Whether the layout does not keep up, so that its latencies never settle.
        var isOverloaded: Bool { plans.plan(rank: rank)["overload"] == .bool(true) }

        /// What keeps a measurement from being one of this plan.
        func warn(of measured: BenchmarkFigures, in file: String, _ catalog: Catalog) {
            if let failed = measured.failed, failed > 0 {
                let all = measured.requests.map { " of \($0)" } ?? ""
                Console.say(
                    "warning: \(file): \(failed)\(all) requests failed; the figures of the others are "
                        + "no measurement of the whole load")
            }
            if let tenant = figures.tenant, !measured.namesTenants,
                plans.tenants(rank: rank).count > 1
            {
                Console.say(
                    "warning: \(file): does not say whose its requests are; all of them are taken as those "
                        + "of \(tenant.shownInMessage)")
            }
            if let gpu = measured.gpu, let platform = draft.platform,
                !platform.pools.contains(where: { $0.hardware.name == gpu })
            {
                Console.say(
                    "warning: \(file): was measured on \(gpu.shownInMessage), and the plan is for "
                        + platform.pools.map(\.hardware.name).joined(separator: " and "))
            }
            if let rounds = measured.requests,
                let simulated = plans.wholeTrace(rank: rank, of: figures.tenant),
                measured.format == .rounds, rounds != simulated
            {
                Console.say(
                    "warning: \(file): has \(rounds) rounds, and the simulation of the whole trace "
                        + "\(simulated); these are not the same sessions")
            }
            guard let asked = measured.model, let model = draft.platform?.model.name else { return }
            guard !catalog.everyName(ofModel: model).mayMean(asked) else { return }
            Console.say(
                "warning: \(file): was measured with the model \(asked.shownInMessage), and the plan is "
                    + "of \(model)")
        }
    }

    /// Both plans, each with its own engine, policy and costs, on the sessions of the first.
    private func differences(
        _ side: Side, _ other: Side, _ source: CaseSource
    ) async throws(Failure) -> [PairedDifference] {
        let first = try loaded(side, source)
        let second = try loaded(other, source)
        let layouts = [(first, side), (second, other)].map { loaded, side in
            loaded.question.engine.behaviour.countingEngines(side.layout)
        }
        for (loaded, layout) in zip([first, second], layouts)
        where !loaded.obstacles(to: layout).isEmpty {
            Console.say("warning: \(layout) cannot run under its plan's case; see `check`")
            return []
        }
        Console.say("simulating \(layouts[0]) and \(layouts[1]) on the same sessions")
        let base = await DeploymentSimulation(
            question: first.question, costs: first.costs, jobs: common.jobCount
        ).simulated(layouts[0])
        let changed = await DeploymentSimulation(
            question: second.question.asked(like: first.question), costs: second.costs,
            jobs: common.jobCount
        ).simulated(layouts[1])
        return changed.differences(
            from: base,
            in: [
                .attainment(first.question.service.headline), .latency(.ttft, .p95),
                .latency(.itl, .p95), .latency(.endToEnd, .p95),
            ])
    }

    private func loaded(_ side: Side, _ source: CaseSource) throws(Failure) -> LoadedCase {
        let loaded = try source.load(
            side.draft, kinds: side.layout.kinds, runnable: planned.place.runnable)
        side.plans.notes(on: loaded).forEach { Console.say("warning: \($0)") }
        return loaded
    }

    private func benchmarks() throws(Failure) -> [(name: String, figures: BenchmarkFigures)] {
        var found: [(name: String, figures: BenchmarkFigures)] = []
        for path in measured {
            let (bytes, name) = ([UInt8](try Console.read(path)), Console.name(of: path))
            do throws(BenchmarkError) {
                found.append(
                    (name, try BenchmarkFigures.read(bytes: bytes, file: name, tenant: tenant)))
            } catch {
                throw Failure(ToolExit.badData, error.description)
            }
        }
        return found
    }

    private func write(
        _ side: Side, _ source: CaseSource, to file: OutputFile
    ) throws(Failure) {
        let loaded = try source.load(
            side.draft, kinds: side.layout.kinds, runnable: planned.place.runnable)
        let planningCase = try loaded.searchable(for: "--benchmark-report")
        let name = planningCase.model.name
        let (requests, sessions) = side.plans.counts(rank: side.rank)
        let report = BenchmarkReport(
            BenchmarkReport.Subject(
                planningCase: planningCase, layout: side.layout,
                model: source.catalog.publishedName(ofModel: name) ?? name,
                digest: side.plans.digest, toolVersion: Version.current, requests: requests,
                sessions: sessions),
            side.figures)
        do {
            try file.write(Data(report.value.yaml().utf8))
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(ToolExit.internalFault, "the report cannot be encoded: \(error)")
        }
    }
}

extension CaseDraft {
    /// Sessions per second that arrive; nil in a closed loop, and of a trace at its own rate.
    fileprivate var offeredRate: Double? {
        guard arrivals != .closed else { return nil }
        switch workload {
        case .synthetic(_, let rate): return rate.sessionsPerSecond
        case .trace(_, _, let rate): return rate?.sessionsPerSecond
        }
    }
}
