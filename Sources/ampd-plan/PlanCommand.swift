import ArgumentParser
import Catalog
import Foundation
import IntegerProgramming
import Planning
import Reporting
import ServingDomain

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Rank deployments for a case: how many workers of each kind, at which degree.",
        discussion: """
            Give a case file, or describe the case by --model, --gpu, --gpus, --template, --rate, \
            --ttft and --itl. Exit code 0 when the best plan meets the targets, 1 when none does \
            (the nearest is still printed), 3 when the simulation cannot decide.
            """)

    @Argument(help: "Case file (YAML).")
    var caseFile: String?

    @OptionGroup(title: "Case without a file")
    var quick: QuickCaseOptions

    @Option(help: "Write the case, with every default, to this file.")
    var writeCase: String?

    @Option(help: "Write the integer program in CPLEX LP format to this file.")
    var writeLp: String?

    @Option(help: "Write the plan document (JSON) to this file too.")
    var output: String?

    @Option(help: "How the load of a phase reaches its replicas: thinning or round-robin.")
    var dispatch: DispatchArgument?

    @Option(help: "Solutions of the integer program that are simulated whole.")
    var finalists: Int?

    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    mutating func validate() throws {
        if let finalists, !(1...1000).contains(finalists) {
            throw ValidationError(
                "--finalists \(finalists): expected a whole number from 1 to 1000.")
        }
        try quick.validate(caseFile: caseFile)
    }

    mutating func run() async throws {
        let source = try CaseSource(common)
        var draft =
            if let caseFile { try source.draft(path: caseFile) } else { try quick.draft(source) }
        if let dispatch { draft.planning.dispatch = dispatch.value }
        if let finalists { draft.planning.finalists = finalists }
        let loaded = try source.load(draft, degrees: draft.planning.degrees)
        loaded.warnings.forEach { Console.say("warning: \($0)") }
        Console.say("costs: \(loaded.profile.source)")
        let result = try await plan(loaded)
        let document = PlanDocument(result: result, provenance: try loaded.provenance)
        try writeFiles(loaded, result, document)
        try Console.print(result: format.format.render(document))
        throw ToolExit.code(for: result.verdict)
    }

    private func plan(_ loaded: LoadedCase) async throws(Failure) -> PlanResult {
        do {
            return try await Planner(
                planningCase: loaded.planningCase, costs: loaded.costs, jobs: common.jobCount
            ) { Console.say($0) }.plan()
        } catch {
            throw Failure(error)
        }
    }

    private func writeFiles(
        _ loaded: LoadedCase, _ result: PlanResult, _ document: PlanDocument
    ) throws(Failure) {
        if let writeCase {
            let yaml = CaseDocument(loaded.draft, paths: .absolute).yaml
            try Console.write(Data(yaml.utf8), to: writeCase)
        }
        if let writeLp {
            try Console.write(Data(lpText(result).utf8), to: writeLp)
        }
        if let output {
            try Console.write(Data(OutputFormat.json.render(document).utf8), to: output)
        }
    }

    private func lpText(_ result: PlanResult) throws(Failure) -> String {
        do {
            return try LPText(result.selection.program).description
        } catch {
            throw Failure(ToolExit.internalFault, error.description)
        }
    }
}

/// `thinning` or `round-robin`.
struct DispatchArgument: ExpressibleByArgument {
    let value: Case.Planning.Dispatch

    init?(argument: String) {
        switch argument {
        case "thinning": value = .thinning
        case "round-robin": value = .roundRobin
        default: return nil
        }
    }
}

extension Failure {
    init(_ error: PlanningError) {
        switch error {
        case .solver: self.init(ToolExit.internalFault, error.description)
        case .nothingFits, .budgetTooSmall: self.init(ToolExit.negative, error.description)
        }
    }
}
