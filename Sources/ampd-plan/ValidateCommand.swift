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

    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    mutating func run() async throws {
        let table: MeasuredTable
        do {
            table = try MeasuredTable(Console.read(measured))
        } catch let error as MeasuredTableError {
            throw Failure(ToolExit.badData, "\(measured): \(error.description)")
        }
        let platforms = MeasuredPlatforms(
            source: try CaseSource(common), degrees: table.degrees)
        let run = ValidationRun(table: table, seed: common.seed ?? 1, jobs: common.jobCount)
        let asked = try table.rows.map { try platforms.platform(of: $0) }
        let validation = await run.validation(on: asked)
        platforms.costSources.forEach { Console.say("costs: \($0)") }
        let document = ValidationDocument(
            validation, costSources: platforms.costSources, seed: run.seed,
            toolVersion: Version.current)
        document.refusals.forEach { Console.say("refused: \($0)") }
        let rows = format.format == .csv ? document.rows : document.groups
        try Console.print(result: format.format.render(rows, or: document.value))
    }
}
