import ArgumentParser
import Catalog
import CostModeling
import Foundation
import Planning
import Reporting
import ServingDomain

struct ExplainCommand: SimulatingCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why a plan's layout was chosen, what holds it back, and why others lost.",
        discussion: """
            The plan's own case is simulated again. Exit code 0 when the layout meets the targets, \
            1 when it does not, 3 when the simulation cannot decide.
            """)

    @OptionGroup var planned: PlannedOptions

    @Option(
        help: ArgumentHelp(
            "A layout to tell about why it was not chosen, for example P:2x4,D:8x1; may be "
                + "repeated."),
        transform: LayoutArgument.parse)
    var whyNot: [LayoutArgument] = []

    @OptionGroup var format: OutputOptions
    @OptionGroup var runs: CacheOption
    @OptionGroup var common: CommonOptions

    mutating func run() async throws {
        let source = try CaseSource(common)
        let plans = try planned.file
        let asked = try plans.deployment(rank: planned.rank(in: plans))
        let draft = try planned.draft(of: plans, .upToThePlan, source)
        let engines = draft.engine.behaviour
        let chosen = engines.countingEngines(asked)
        let others = whyNot.map { engines.countingEngines($0.deployment) }
        let loaded = try source.load(
            draft, kinds: draft.searchedKinds(and: [chosen] + others),
            runnable: planned.place.runnable)
        let planningCase = try loaded.searchable(for: "explain")
        planned.warn(of: loaded, plans)
        try loaded.refuse(chosen)
        let progress = ProgressLine()
        let explanation = await PlanExplainer(
            planningCase: planningCase, costs: loaded.costs,
            slowness: loaded.interval.map(Stress.Slowness.init) ?? .assumed, jobs: common.jobCount
        ) { progress.show($0) }.explain(chosen, against: others)
        progress.clear()
        let document = ExplanationDocument(
            explanation: explanation, toolVersion: Version.current, trust: loaded.costs.trust)
        try Console.print(result: format.format.render(document))
        throw ToolExit.code(for: explanation.chosen.verdict)
    }
}
