import ArgumentParser
import Catalog
import CostModeling
import Planning
import Reporting
import Scheduling
import ServingDomain
import Simulation

struct SimulateCommand: SimulatingCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Simulate one layout of a case and print its latencies and attainment.")

    @Argument(help: "Case file (YAML).", completion: .anyFile)
    var caseFile: String

    @Option(
        name: .customLong("layout"),
        help: ArgumentHelp(
            "Layout as degree x replicas, for example P:4x1,D:4x1 or C:8x1. Default: the case's. "
                + "A comparison may name one with prefill workers and one without.",
            valueName: "layout"),
        transform: LayoutArgument.parse)
    var layouts: [LayoutArgument] = []

    @Option(help: "Serving policy instead of the case's, for example always-remote.")
    var policy: PolicyArgument?

    @Option(
        help: ArgumentHelp(
            "Simulate several policies on the same sessions and GPUs and show what each changes "
                + "against the first: all, or names separated by commas.", valueName: "policies"),
        completion: .policies, transform: PolicyListArgument.parse)
    var comparePolicies: PolicyListArgument?

    @OptionGroup var runLength: RunLengthOptions
    @OptionGroup var trace: TraceOptions

    @Option(
        help: ArgumentHelp(
            "Write every measured round to this file, .csv or .jsonl.", valueName: "file"),
        completion: .anyFile)
    var roundsOut: String?

    @Option(
        help: ArgumentHelp(
            "steady: sessions in a filled cluster; all: every session from an empty one, a trace "
                + "whole and once. Default: all with --rounds-out, else steady."))
    var measure: MeasureArgument?

    @OptionGroup var format: OutputOptions
    @OptionGroup var runs: CacheOption
    @OptionGroup var common: CommonOptions

    mutating func run() async throws {
        try checkOptions()
        let traceFile = try trace.file()
        let rounds = try roundsOut.map { path throws(Failure) in try RoundsFile(path: path) }
        let source = try CaseSource(common)
        var draft = try source.draft(path: caseFile)
        runLength.change(&draft.planning)
        if let policy { draft.policy.name = policy.name }
        let given = try givenLayouts(draft)
        if let comparePolicies {
            let chosen = try comparePolicies.chosen(on: given, first: draft.policy.name)
            try await compare(chosen, source, draft)
        } else {
            try await simulate(given[0], source, draft, rounds, traceFile)
        }
    }

    private func checkOptions() throws(Failure) {
        if comparePolicies != nil, policy != nil {
            throw Failure(
                ToolExit.usage, "--policy and --compare-policies: name the policies in one of them."
            )
        }
        if comparePolicies == nil, layouts.count > 1 {
            throw Failure(
                ToolExit.usage,
                "--layout: one layout is simulated; two are for --compare-policies.")
        }
        if trace.traceOut != nil, comparePolicies != nil {
            throw Failure(
                ToolExit.usage,
                "--trace-out: shows the run of one policy; leave --compare-policies out.")
        }
        if roundsOut != nil, comparePolicies != nil || runLength.length != nil {
            throw Failure(
                ToolExit.usage,
                "--rounds-out: writes the rounds of one policy in the replications of the case; "
                    + "leave --compare-policies and --precision out.")
        }
    }

    private func givenLayouts(_ draft: CaseDraft) throws(Failure) -> [Deployment] {
        let given = layouts.isEmpty ? [draft.layout].compactMap { $0 } : layouts.map(\.deployment)
        guard !given.isEmpty else {
            throw Failure(
                ToolExit.usage,
                "No layout: give --layout, for example P:4x1,D:4x1, or `layout` in \(caseFile).")
        }
        return given
    }

    /// A file of rounds is of use only if none is missing.
    private var measureUsed: Replications.Measure {
        measure?.value ?? (roundsOut == nil ? .steady : .all)
    }

    private func load(
        _ layouts: [Deployment], _ source: CaseSource, _ draft: CaseDraft
    ) throws(Failure) -> (LoadedCase, DeploymentSimulation) {
        let loaded = try source.load(draft, kinds: layouts.kinds)
        loaded.warnings.forEach { Console.say("warning: \($0)") }
        Console.say("costs: \(loaded.origin.source)")
        for layout in layouts {
            try loaded.refuse(layout)
            loaded.engineRefusals(of: layout).forEach { Console.say("warning: \($0)") }
        }
        return (
            loaded,
            DeploymentSimulation(
                question: loaded.question, costs: loaded.costs, measure: measureUsed,
                jobs: common.jobCount)
        )
    }

    private func simulate(
        _ layout: Deployment, _ source: CaseSource, _ draft: CaseDraft, _ rounds: RoundsFile?,
        _ traceFile: TraceFile?
    ) async throws {
        try draft.policy.check(on: layout)
        let (loaded, simulation) = try load([layout], source, draft)
        rounds?.begin(tenants: loaded.question.workload.tenants)
        let report =
            if let rounds {
                await simulation.run(layout) { rounds.add($1, replication: $0) }
            } else {
                await simulation.run(layout, until: runLength.length)
            }
        try rounds?.close()
        let document = ReportDocument(
            report: report, service: loaded.question.service,
            checks: TargetCheck.all(report, loaded.question.service))
        let result = SimulationDocument(
            report: document, layout: layout, provenance: try loaded.provenance,
            trust: loaded.costs.trust, measure: measureUsed)
        try await traceFile?.write(loaded, simulation, layout)
        try Console.print(result: format.format.render(result))
    }

    private func compare(
        _ policies: [(name: ServingPolicy.Name, layout: Deployment)], _ source: CaseSource,
        _ draft: CaseDraft
    ) async throws {
        let layouts = policies.map(\.layout).reduce(into: [Deployment]()) { found, layout in
            if !found.contains(layout) { found.append(layout) }
        }
        let (loaded, simulation) = try load(layouts, source, draft)
        Console.say(
            "comparing \(policies.count) policies on "
                + layouts.map(\.description).joined(separator: " and "))
        let document = ComparisonDocument(
            await PolicyComparison(policies, simulation, until: runLength.length),
            service: loaded.question.service, provenance: try loaded.provenance,
            trust: loaded.costs.trust, measure: measureUsed)
        try Console.print(result: format.format.render(document))
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
