import ArgumentParser
import Catalog
import CostModeling
import Foundation
import IntegerProgramming
import Planning
import Reporting
import ServingDomain

struct PlanCommand: SimulatingCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Rank deployments for a case: how many workers of each kind, at which degree.",
        discussion: """
            Give a case file, or describe the case by --model, --gpu, --gpus, --template, --rate, \
            --ttft and --itl. Exit code 0 when the best plan meets the targets, 1 when none does \
            (the nearest is still printed), 3 when the simulation cannot decide.
            """)

    @Argument(help: "Case file (YAML).", completion: .anyFile)
    var caseFile: String?

    @OptionGroup(title: "Case without a file")
    var quick: QuickCaseOptions

    @Option(help: "Write the case, with every default, to this file.", completion: .anyFile)
    var writeCase: String?

    @Option(
        help: "Write the integer program in CPLEX LP format to this file.", completion: .anyFile)
    var writeLp: String?

    @Option(help: "Write the plan document (JSON) to this file too.", completion: .anyFile)
    var output: String?

    @Option(
        help: "How the load of a phase reaches its replicas: thinning or round-robin.",
        completion: .list(["thinning", "round-robin"]), transform: DispatchArgument.parse)
    var dispatch: DispatchArgument?

    @Option(
        help: ArgumentHelp(
            "What is looked for: slo (the least P95 over its target), seconds, paper, min-gpus, "
                + "min-cost or max-rate."),
        completion: .objectives, transform: ObjectiveArgument.parse)
    var objective: ObjectiveArgument?

    @Option(
        parsing: .unconditional,
        help: "Solutions of the integer program that are simulated whole.",
        transform: wholeNumber(1...100))
    var finalists: Int?

    @Option(
        name: .customLong("rates"),
        help: ArgumentHelp(
            "Look for the fewest GPUs at each of these rates, for example 2/s,4/s,8/s."),
        transform: RatesArgument.parse)
    var sweptRates: RatesArgument?

    var rates: [RateArgument] { sweptRates?.rates ?? [] }

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Losses that a layout has to stand, 0 or 1: with one worker of either kind, or one "
                + "node, gone it still meets every target."),
        transform: wholeNumber(0...1))
    var survive: Int?

    @Option(
        help: ArgumentHelp(
            "The layout that runs today, for example P:2x4,D:8x1, to be ranked with the others; "
                + "default: the case's."),
        transform: LayoutArgument.parse)
    var incumbent: LayoutArgument?

    @Flag(
        help: ArgumentHelp(
            "Simulate every layout of equal workers in each phase that takes all GPUs, and say how "
                + "sure the best is."))
    var exhaustive = false

    @Flag(help: "The same, and tell what the default search would have missed.")
    var audit = false

    @Flag(
        help: ArgumentHelp(
            "Plan what the engine and its connector refuse as well, with a warning."))
    var ignoreEngineRules = false

    @OptionGroup var format: OutputOptions
    @OptionGroup var runs: CacheOption
    @OptionGroup var common: CommonOptions

    mutating func run() async throws {
        try quick.check(caseFile: caseFile)
        try checkSweep()
        let files = try outputFiles()
        let source = try CaseSource(common)
        var draft =
            if let caseFile { try source.draft(path: caseFile) } else { try quick.draft(source) }
        if let dispatch { draft.planning.dispatch = dispatch.value }
        if let objective { try use(objective.value, in: &draft) }
        if let finalists { draft.planning.finalists = finalists }
        if let survive { draft.planning.survivedLosses = survive }
        if let incumbent { draft.layout = incumbent.deployment }
        try checkPools(of: draft)
        if ignoreEngineRules { draft.planning.ignoresEngineRules = true }
        try checkSurvey(draft.planning.objective)
        let kinds = draft.searchedKinds(and: [draft.layout].compactMap { $0 })
        let loaded = try source.load(draft, kinds: kinds)
        let planningCase = try loaded.searchable(for: "plan")
        loaded.warnings.forEach { Console.say("warning: \($0)") }
        warnOfEngine(planningCase)
        try noteMissingPrice(planningCase)
        Console.say("costs: \(loaded.origin.source)")
        if !rates.isEmpty {
            let answer = try await sweep(loaded, planningCase, into: files.output)
            try files.writeCase?.write(case: loaded)
            try Console.print(result: answer.text)
            throw answer.isInterrupted
                ? ToolExit.interrupted : answer.isServed ? .success : ToolExit.negative
        }
        let survey = survey
        let result = try await interruptible(planningCase, loaded.costs) {
            (planner) async throws(PlanningError) in try await planner.plan(survey)
        }
        let document = PlanDocument(result: result, provenance: try loaded.provenance)
        try write(files, loaded, result, document)
        try Console.print(result: format.format.render(PlanTable(document)))
        throw result.isInterrupted ? ToolExit.interrupted : ToolExit.code(for: result.verdict)
    }

    /// What runs today runs on GPUs of the case.
    private func checkPools(of draft: CaseDraft) throws(Failure) {
        let pools = draft.platform?.pools.map(\.name) ?? []
        guard let stranger = draft.layout?.allGroups.first(where: { !pools.contains($0.pool) }),
            !pools.isEmpty
        else { return }
        let known = pools.count > 1 ? "one of \(pools.joined(separator: ", ")) behind @" : "no @"
        throw Failure(
            incumbent == nil ? ToolExit.badData : ToolExit.usage,
            (incumbent == nil ? "layout" : "--incumbent") + ": \(stranger.kind)x"
                + "\(stranger.replicas) stands on no GPUs of the case; expected \(known).")
    }

    private func noteMissingPrice(_ planningCase: Case) throws(Failure) {
        guard planningCase.planning.objective == .minCost,
            let pool = planningCase.pools.first(where: { $0.cluster.pricePerGPUHour == nil })
        else { return }
        guard !planningCase.hasPools else {
            throw Failure(
                ToolExit.usage,
                "--objective min-cost: pool \(pool.name) has no usd_per_gpu_hour, and dollars are "
                    + "compared between pools; give each a price.")
        }
        Console.say(
            "note: cluster.usd_per_gpu_hour is not given, so that the cost counts GPUs alone")
    }

    private func warnOfEngine(_ planningCase: Case) {
        if planningCase.planning.ignoresEngineRules {
            Console.say(
                "warning: engine rules are ignored: what is planned may not run on "
                    + "\(planningCase.engine.name) today")
        } else if let adaptation = planningCase.adaptation {
            for change in adaptation.changes {
                Console.say(
                    "warning: \(change.reason); "
                        + (rates.isEmpty ? "planned too" : "planned instead")
                        + " with \(change.key): \(change.to)")
            }
        }
    }

    private func use(
        _ objective: Case.Planning.Objective, in draft: inout CaseDraft
    ) throws(Failure) {
        guard !objective.spendsLeast || !draft.planning.fillsBudget else {
            throw Failure(
                ToolExit.usage,
                "--objective \(objective.rawValue.replacing("_", with: "-")): planning.gpu_use is all, "
                    + "expected up_to; change it in the case."
            )
        }
        draft.planning.objective = objective
    }

    private var survey: Planner.Survey {
        audit ? .audit : exhaustive ? .exhaustive : .proposals
    }

    /// A search over budgets or rates simulates proposals alone.
    private func checkSurvey(_ objective: Case.Planning.Objective) throws(Failure) {
        guard survey != .proposals, objective.spendsLeast || objective == .maxRate else { return }
        throw Failure(
            ToolExit.usage,
            "\(audit ? "--audit" : "--exhaustive"): the objective is \(objective.rawValue), expected "
                + "slo, seconds or paper; screen the budget and the rate that it finds.")
    }

    private struct OutputFiles {
        var writeCase: OutputFile?
        var writeLp: OutputFile?
        var output: OutputFile?
    }

    /// Looks at every file that will be written before the long work begins.
    private func outputFiles() throws(Failure) -> OutputFiles {
        var files = OutputFiles()
        if let writeCase { files.writeCase = try OutputFile(writeCase, option: "--write-case") }
        if let writeLp { files.writeLp = try OutputFile(writeLp, option: "--write-lp") }
        if let output { files.output = try OutputFile(output, option: "--output") }
        let given = [files.writeCase, files.writeLp, files.output].compactMap { $0 }
        for (index, file) in given.enumerated()
        where given[..<index].contains(where: file.isSame) {
            throw Failure(
                ToolExit.usage,
                "--write-case, --write-lp and --output: two of them name the same file; "
                    + "give each its own.")
        }
        return files
    }

    /// Lets a planner work until it ends or Ctrl-C asks it to.
    func interruptible<Answer: Sendable>(
        _ planningCase: Case, _ costs: CostModel,
        _ work: @escaping @Sendable (Planner) async throws(PlanningError) -> Answer
    ) async throws(Failure) -> Answer {
        let progress = ProgressLine()
        let planner = Planner(planningCase: planningCase, costs: costs, jobs: common.jobCount) {
            progress.show($0)
        }
        let search = Task { () async -> Result<Answer, PlanningError> in
            do throws(PlanningError) {
                return .success(try await work(planner))
            } catch {
                return .failure(error)
            }
        }
        let interruption = Interruption {
            progress.clear()
            search.cancel()
        }
        let result = await search.value
        interruption.end()
        progress.clear()
        do {
            return try result.get()
        } catch {
            throw Failure(error)
        }
    }

    private func write(
        _ files: OutputFiles, _ loaded: LoadedCase, _ result: PlanResult, _ document: PlanDocument
    ) throws(Failure) {
        try files.writeCase?.write(case: loaded)
        if let file = files.writeLp {
            if let program = result.selection?.program {
                try file.write(Data(lpText(program).utf8))
            } else {
                Console.say(
                    "warning: --write-lp: no integer program was needed; nothing is written")
            }
        }
        try files.output?.write(document.value)
    }

    private func lpText(_ program: IntegerProgram) throws(Failure) -> String {
        do {
            return try LPText(program).description
        } catch {
            throw Failure(ToolExit.internalFault, error.description)
        }
    }
}

extension Failure {
    init(_ error: PlanningError) {
        switch error {
        case .closedLoop: self.init(ToolExit.usage, error.description)
        case .interrupted: self.init(ToolExit.interrupted, error.description)
        case .solver: self.init(ToolExit.internalFault, error.description)
        case .nothingFits, .noLayout: self.init(ToolExit.negative, error.description)
        }
    }
}

extension OutputFile {
    /// Writes a case with every default.
    fileprivate func write(case loaded: LoadedCase) throws(Failure) {
        try write(Data(CaseDocument(loaded.draft, paths: .absolute).yaml.utf8))
    }
}
