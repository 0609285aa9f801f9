import ArgumentParser
import Catalog
import Foundation
import Planning
import Reporting
import Scheduling
import ServingDomain

struct PolicyTableCommand: AsyncParsableCommand, ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy-table",
        abstract: "Simulate the table of latencies that the policy ppd decides by.",
        discussion: """
            For each class of later rounds and each rate a small cluster with the layout's \
            proportions runs with remote and with local prefill. Name the JSON form in a case file \
            as policy.table; without one such a table is simulated whenever it is needed.
            """)

    @Argument(help: "Case file (YAML).", completion: .anyFile)
    var caseFile: String

    @Option(
        help: "Layout with prefill and decode workers, for example P:4x1,D:4x1.",
        transform: LayoutArgument.parse)
    var layout: LayoutArgument

    @Option(
        help: ArgumentHelp(
            "Rounds per second and serving worker, separated by commas. Default: "
                + PolicyTableSimulation.rates.map { "\($0)" }.joined(separator: ",") + "."),
        transform: RoundRatesArgument.parse)
    var rates: RoundRatesArgument?

    @Option(help: "Write the table (JSON) to this file too.", completion: .anyFile)
    var output: String?

    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    mutating func run() async throws {
        let layout = layout.deployment
        guard case .disaggregated = layout else {
            throw Failure(
                ToolExit.usage,
                "--layout \(layout): a table compares prefill and decode workers; "
                    + "give P and D groups, for example P:4x1,D:4x1.")
        }
        var file: OutputFile?
        if let output { file = try OutputFile(output, option: "--output") }
        let source = try CaseSource(common)
        var draft = try source.draft(path: caseFile)
        if !draft.policy.definition.usesTable { draft.policy.name = .ppd }
        draft.policyTable = nil
        let loaded = try source.load(draft, kinds: layout.kinds)
        loaded.warnings.forEach { Console.say("warning: \($0)") }
        Console.say("costs: \(loaded.origin.source)")
        try loaded.refuse(layout)
        let table = await PolicyTableSimulation(
            question: loaded.question, costs: loaded.costs, jobs: common.jobCount
        ).table(for: layout, rates: rates?.values ?? PolicyTableSimulation.rates)
        let policy = loaded.question.policy
        let document = PolicyTableDocument(
            table, policy: policy.name, weights: (policy[.ttftWeight], policy[.tpotWeight]),
            toolVersion: Version.current)
        try file?.write(document.value)
        try Console.print(result: format.format.render(document))
    }
}

/// A list of rates such as `0.5,1,2`.
struct RoundRatesArgument: SpokenArgument {
    static let expectation =
        "1 to 100 different rates in rising order, each from 0.000001 to 1000000, for example 0.5,1,2"

    let values: [Double]

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        values = parts.compactMap { Double($0) }.filter { (1e-6...1e6).contains($0) }
        guard values.count == parts.count, (1...100).contains(parts.count),
            zip(values, values.dropFirst()).allSatisfy({ $0 < $1 })
        else { return nil }
    }
}
