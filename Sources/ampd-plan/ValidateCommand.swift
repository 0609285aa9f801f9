import ArgumentParser
import Reporting
import Validating

struct ValidateCommand: AsyncParsableCommand, ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Predict measured deployments and report how far the predictions are off.",
        discussion: """
            Each row of the table names a deployment, a closed-loop load and the mean TTFT and TPOT \
            that somebody measured (docs/measured-csv.md). The benchmark is simulated on that \
            deployment. Rows that cannot be predicted are listed with the reason; exit code 65 \
            where that is every row.

            With --requests, every request of one run of an engine is simulated, and fifteen \
            statistics of both stand side by side.
            """)

    @Option(
        parsing: .upToNextOption,
        help: "Table of measured deployments (CSV), or logs of runs (docs/measured-csv.md).",
        completion: .anyFile)
    var measured: [String] = []

    @OptionGroup var logged: LoggedDeployment

    @Option(
        help: ArgumentHelp(
            "Instead: folder of a run with requests.csv and meta.json (docs/measured-csv.md)."),
        completion: .directory)
    var requests: String?

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
            calibrated to them: rows of builds, layouts, lengths and loads that differ, drawn \
            by the seed.
            """),
        transform: wholeNumber(1...1_000_000))
    var reveal: Int?

    @Option(
        name: [.customShort("o"), .customLong("output-format")],
        help: "Form of the answer on standard output; html has scatter plots.")
    var format: PageForm = .table

    @OptionGroup var common: CommonOptions

    enum Split: String, ExpressibleByArgument, CaseIterable {
        case group
    }

    func validate() throws {
        guard measured.isEmpty == (requests != nil) else {
            throw ValidationError("Give either --measured FILE or --requests FOLDER.")
        }
        guard requests == nil || splitBy == nil else {
            throw ValidationError("--split-by needs --measured: a log of requests is one group.")
        }
        guard requests == nil || format != .html else {
            throw ValidationError("-o html needs --measured: a log of requests has no page.")
        }
        guard requests == nil || logged.columns.isEmpty else {
            throw ValidationError(
                "--requests has its own meta.json; options of logs need --measured.")
        }
        guard reveal == nil || splitBy != nil else {
            throw ValidationError("--reveal needs --split-by group: rows are revealed of groups.")
        }
    }

    mutating func run() async throws {
        if let requests {
            try replay(requests)
        } else {
            try await predict(MeasuredSource(paths: measured, deployment: logged))
        }
    }

    private func replay(_ folder: String) throws {
        let logged = try RequestLogPlatform(source: try CaseSource(common), folder: folder)
        let (platform, costs) = try logged.platform()
        let predicted: [RequestLatencies]
        do {
            predicted = try RequestReplay(log: logged.log, platform: platform).latencies()
        } catch {
            throw Failure(ToolExit.badData, "\(folder): \(error.reason).")
        }
        let document = RequestValidationDocument(
            RequestStatistics(
                measured: logged.log.requests.map(\.latencies), predicted: predicted),
            of: logged.log, costSources: costs, toolVersion: Version.current)
        costs.forEach { Console.say("costs: \($0)") }
        try Console.print(
            result: (format.plain ?? .table).render(document))
    }

    private func predict(_ measured: MeasuredSource) async throws {
        let source = try CaseSource(common, usesCalibrations: splitBy == nil)
        let table = source.catalog.asLaunched(try measured.table().table)
        let platforms = MeasuredPlatforms(
            source: source,
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
        if let plain = format.plain {
            try Console.print(result: plain.render(document))
        } else {
            try Console.print(result: ValidationPage(document).html)
        }
        guard document.hasPredictions else {
            let paths = measured.paths.map(Console.name).joined(separator: " ")
            if let reveal, document.refusals.isEmpty {
                throw Failure(
                    ToolExit.badData,
                    "\(paths): no group has a row left to predict beside \(reveal) that are revealed; "
                        + "give --reveal a smaller number.")
            }
            throw Failure(
                ToolExit.badData,
                "\(paths): found no row that can be predicted; the reasons stand with the rows.")
        }
    }
}
