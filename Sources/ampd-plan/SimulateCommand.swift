import ArgumentParser
import Catalog
import CostModeling
import Planning
import Reporting
import Scheduling
import ServingDomain

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Simulate one layout of a case and print its latencies and attainment.")

    @Argument(help: "Case file (YAML).")
    var caseFile: String

    @Option(
        help: "Layout as degree x replicas, for example P:4x1,D:4x1 or C:8x1.",
        transform: LayoutArgument.parse)
    var layout: LayoutArgument

    @Option(help: "Serving policy instead of the case's, for example always-remote.")
    var policy: PolicyArgument?

    @OptionGroup var runLength: RunLengthOptions
    @OptionGroup var trace: TraceOptions
    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    mutating func run() async throws {
        let traceFile = try trace.file()
        let source = try CaseSource(common)
        var draft = try source.draft(path: caseFile)
        runLength.change(&draft.planning)
        if let policy { draft.policy.name = policy.name }
        let layout = layout.deployment
        let loaded = try source.load(draft, degrees: layout.degrees)
        loaded.warnings.forEach { Console.say("warning: \($0)") }
        Console.say("costs: \(loaded.profile.source)")
        try loaded.requireRoom(for: layout)
        let report = await DeploymentSimulation(
            planningCase: loaded.planningCase, costs: loaded.costs, jobs: common.jobCount
        ).run(layout, until: runLength.length)
        let document = ReportDocument(
            report: report, service: loaded.planningCase.service,
            checks: TargetCheck.all(report, loaded.planningCase.service))
        let result = SimulationDocument(
            report: document, layout: layout, provenance: try loaded.provenance,
            trust: loaded.costs.trust)
        try traceFile?.write(loaded, layout)
        try Console.print(result: format.format.render(result.table, or: result.value))
    }
}

extension LoadedCase {
    /// Refuses a layout that cannot run on the case's cluster at all.
    func requireRoom(for layout: Deployment) throws(Failure) {
        let obstacles = planningCase.obstacles(to: layout)
        guard obstacles.isEmpty else {
            throw Failure(
                ToolExit.negative,
                "\(layout) cannot run: "
                    + obstacles.map(\.message).joined(separator: "; ") + ".")
        }
    }
}

/// The name of a policy in kebab-case.
struct PolicyArgument: ExpressibleByArgument {
    let name: ServingPolicy.Name

    init?(argument: String) {
        let name = ServingPolicy.Name(rawValue: argument.replacing("-", with: "_"))
        guard Policies.names.contains(name) else { return nil }
        self.name = name
    }

    static var allValueStrings: [String] {
        Policies.names.map { $0.rawValue.replacing("_", with: "-") }
    }
}
