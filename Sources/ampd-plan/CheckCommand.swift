import ArgumentParser
import Catalog
import CostModeling
import Foundation
import Planning
import Reporting
import ServingDomain
import Simulation

struct CheckCommand: SimulatingCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract:
            "Check a case, and a plan or layout for it: memory, budget, TTFT, ITL, attainment.",
        discussion: """
            Without a plan only the case itself is checked: schema, and whether any degree fits. \
            Exit code 0 when everything passes, 1 when something fails, 3 when an interval lies on \
            both sides of its target.
            """)

    @Argument(help: "Case file (YAML).")
    var caseFile: String

    @Argument(help: "Plan document (JSON) written by the plan command.")
    var planFile: String?

    @OptionGroup var place: RankOption

    @Option(
        help: "Layout to check instead of a plan document, for example P:4x1,D:4x1.",
        transform: LayoutArgument.parse)
    var layout: LayoutArgument?

    @OptionGroup var format: OutputOptions
    @OptionGroup var runs: CacheOption
    @OptionGroup var common: CommonOptions

    mutating func run() async throws {
        try checkOptions()
        let source = try CaseSource(common)
        var draft = try source.draft(path: caseFile)
        let isRunnable = place.runnable
        let plans = try planFile.map { path throws(Failure) in
            try PlanFile(path: path, isRunnable: isRunnable)
        }
        let rank = place.rank ?? plans?.recommendedRank ?? 1
        let chosen = try plans?.deployment(rank: rank) ?? layout?.deployment ?? draft.layout
        // As often as for the plan, which took more where layouts were hard to tell apart.
        if let count = plans?.replications(rank: rank) {
            draft.planning.replications = count
            draft.planning.maxReplications = max(count, draft.planning.maxReplications)
        }
        if let rate = plans?.rate {
            Console.say("note: checked at \(rate)/s, the rate of the plan")
            draft.offer(Rate(sessionsPerSecond: rate))
        }
        let loaded = try source.load(
            draft, kinds: chosen?.kinds ?? draft.searchedKinds(), runnable: place.runnable)
        loaded.warnings.forEach { Console.say("warning: \($0)") }
        if chosen == nil { _ = try loaded.searchable(for: "check without a layout") }
        var findings = loaded.findings(for: chosen)
        if let chosen, findings.isEmpty {
            Console.say("simulating \(chosen)")
            let report = await DeploymentSimulation(
                question: loaded.question, costs: loaded.costs, jobs: common.jobCount
            ).run(chosen)
            findings = TargetCheck.all(report, loaded.question.service).map(CheckFinding.init)
        }
        let document = CheckDocument(
            layout: chosen, findings: findings, toolVersion: Version.current,
            trust: loaded.costs.trust)
        try Console.print(result: format.format.render(document.table, or: document.value))
        throw ToolExit.code(for: document.verdict)
    }
}

extension CheckCommand {
    private func checkOptions() throws(Failure) {
        if planFile != nil, layout != nil {
            throw Failure(ToolExit.usage, "Give a plan document or --layout, not both.")
        }
        if planFile == nil, place.rank != nil || place.runnable {
            throw Failure(
                ToolExit.usage,
                "--rank and --runnable choose plans of a plan document; give one after the case file."
            )
        }
    }
}

extension LoadedCase {
    /// What keeps the layout from running, and degrees whose KV cache is smaller than the sessions;
    /// without a layout, whether any degree fits at all.
    fileprivate func findings(for layout: Deployment?) -> [CheckFinding] {
        let obstacles = layout.map(self.obstacles) ?? []
        let refusals = layout.map(self.engineRefusals) ?? []
        guard obstacles.isEmpty, refusals.isEmpty else {
            return obstacles.map(CheckFinding.init)
                + refusals.map { CheckFinding(rule: "engine", verdict: .fail, message: $0) }
        }
        guard let planningCase, draft.statedCosts?.kvCapacity == nil else { return [] }
        let context = Replications(planningCase, jobs: 1).longestContext(percent: 95)
        let check = WorkerCheck(planningCase: planningCase, contextP95: context)
        let candidates = CandidateWorkers(planningCase, contextP95: context)
        let rejected =
            layout.map(check.rejected) ?? (candidates.isEmpty ? candidates.rejected : [])
        return rejected.map {
            CheckFinding(rule: "memory", verdict: .fail, message: "\($0.layout): \($0.reason)")
        }
    }
}
