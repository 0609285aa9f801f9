import ArgumentParser
import Reporting
import Validating

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Predict measured deployments and report how far the predictions are off.",
        discussion: """
            Each row of the table names a deployment, a closed-loop load and the mean TTFT and TPOT \
            that somebody measured (docs/measured-csv.md). The benchmark is simulated on that \
            deployment. Rows that cannot be predicted are listed with the reason.
            """)

    @Option(help: "Table of measured deployments (CSV).")
    var measured: String

    @Option(
        help: ArgumentHelp(
            """
            Predict every group with constants of its engine that are fitted to the other groups: \
            group. Else with those that ship with the engine.
            """))
    var splitBy: Split?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            With --split-by: so many rows of each group are not predicted, and the constants are \
            calibrated to them. The seed chooses which.
            """),
        transform: wholeNumber(1...1_000_000))
    var reveal: Int?

    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    enum Split: String, ExpressibleByArgument, CaseIterable {
        case group
    }

    func validate() throws {
        guard reveal == nil || splitBy != nil else {
            throw ValidationError("--reveal needs --split-by group: rows are revealed of groups.")
        }
    }

    mutating func run() async throws {
        let table: MeasuredTable
        do {
            table = try MeasuredTable(Console.read(measured))
        } catch let error as MeasuredTableError {
            throw Failure(ToolExit.badData, "\(measured): \(error.description)")
        }
        let platforms = MeasuredPlatforms(
            source: try CaseSource(common, usesCalibrations: splitBy == nil),
            degrees: table.degrees, namesConstants: splitBy == nil)
        let run = ValidationRun(
            table: table, platforms: try platforms.platforms(of: table.rows),
            seed: common.seed ?? 1, jobs: common.jobCount)
        let document: ValidationDocument
        switch splitBy {
        case .group:
            document = ValidationDocument(
                await run.splitByGroup(revealing: reveal ?? 0), costSources: platforms.costSources,
                seed: run.seed,
                toolVersion: Version.current)
        case nil:
            document = ValidationDocument(
                await run.validation(), costSources: platforms.costSources, seed: run.seed,
                toolVersion: Version.current)
        }
        platforms.costSources.forEach { Console.say("costs: \($0)") }
        document.refusals.forEach { Console.say("refused: \($0)") }
        document.constants.forEach { Console.say($0) }
        let rows = format.format == .csv ? document.rows : document.groups
        try Console.print(result: format.format.render(rows, or: document.value))
    }
}
