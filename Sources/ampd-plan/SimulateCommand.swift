import ArgumentParser
import Catalog
import CostModeling
import Planning
import Reporting
import Scheduling
import ServingDomain
import Simulation

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Simulate one layout of a case and print its latencies and attainment.")

    @Argument(help: "Case file (YAML).")
    var caseFile: String

    @Option(
        help: "Layout as degree x replicas, for example P:4x1,D:4x1 or C:8x1. Default: the case's.",
        transform: LayoutArgument.parse)
    var layout: LayoutArgument?

    @Option(help: "Serving policy instead of the case's, for example always-remote.")
    var policy: PolicyArgument?

    @OptionGroup var runLength: RunLengthOptions
    @Option(
        help: ArgumentHelp(
            "Write every measured round to this file, .csv or .jsonl.", valueName: "file"))
    var roundsOut: String?

    @Option(
        help: ArgumentHelp(
            "steady: sessions in a filled cluster; all: every session from an empty one, a trace "
                + "whole and once. Default: all with --rounds-out, else steady."))
    var measure: MeasureArgument?

    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    mutating func run() async throws {
        let rounds = try roundsOut.map { path throws(Failure) in try RoundsFile(path: path) }
        let source = try CaseSource(common)
        var draft = try source.draft(path: caseFile)
        runLength.change(&draft.planning)
        if let policy { draft.policy.name = policy.name }
        let layout = try chosenLayout(draft)
        let loaded = try source.load(draft, degrees: layout.degrees)
        loaded.warnings.forEach { Console.say("warning: \($0)") }
        Console.say("costs: \(loaded.origin.source)")
        try loaded.refuse(layout)
        let report = await simulate(loaded, layout, rounds)
        try rounds?.close()
        let document = ReportDocument(
            report: report, service: loaded.question.service,
            checks: TargetCheck.all(report, loaded.question.service))
        let result = SimulationDocument(
            report: document, layout: layout, provenance: try loaded.provenance,
            trust: loaded.costs.trust, measure: measureUsed)
        try Console.print(result: format.format.render(result.table, or: result.value))
    }

    private func chosenLayout(_ draft: CaseDraft) throws(Failure) -> Deployment {
        guard let layout = layout?.deployment ?? draft.layout else {
            throw Failure(
                ToolExit.usage,
                "No layout: give --layout, for example P:4x1,D:4x1, or `layout` in \(caseFile).")
        }
        return layout
    }

    /// A file of rounds is of use only if none is missing.
    private var measureUsed: Replications.Measure {
        measure?.value ?? (roundsOut == nil ? .steady : .all)
    }

    private func simulate(
        _ loaded: LoadedCase, _ layout: Deployment, _ rounds: RoundsFile?
    ) async -> ServingReport {
        let simulation = DeploymentSimulation(
            question: loaded.question, costs: loaded.costs, measure: measureUsed,
            jobs: common.jobCount)
        guard let rounds else { return await simulation.run(layout) }
        return simulation.run(layout) { rounds.add($1, replication: $0) }
    }
}

extension LoadedCase {
    /// Throws 1 where the layout cannot run.
    func refuse(_ layout: Deployment) throws(Failure) {
        let obstacles = obstacles(to: layout)
        guard !obstacles.isEmpty else { return }
        throw Failure(
            ToolExit.negative,
            "\(layout) cannot run: " + obstacles.map(\.message).joined(separator: "; ") + ".")
    }
}

/// Which sessions count.
struct MeasureArgument: ExpressibleByArgument {
    let value: Replications.Measure

    init?(argument: String) {
        guard let value = Replications.Measure(rawValue: argument) else { return nil }
        self.value = value
    }

    static var allValueStrings: [String] { Replications.Measure.allCases.map(\.rawValue) }
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
