import ArgumentParser
import Crypto
import Deploying
import Foundation
import Profiling
import Reporting
import ServingDomain
import Validating

struct CalibrateCommand: AsyncParsableCommand, ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Fit the constants of an engine to your own measured deployments, and keep them.",
        discussion: """
            Two rows or more of a model on a GPU with an engine tell the host times and factors of \
            that engine there, and of each of its versions where rows name several: of a table, or logs of vllm bench serve, AIPerf or OpenTelemetry \
            (docs/measured-csv.md). They are kept in the profile store, and every \
            later answer about the same model, GPU and engine uses and names them. Without \
            --measured the calibrations of the store are listed; `profile delete --gpu` forgets \
            those of a GPU.
            """)

    @Option(
        parsing: .upToNextOption, help: "Table of measured deployments (CSV), or logs of runs.",
        completion: .anyFile)
    var measured: [String] = []

    @OptionGroup var logged: LoggedDeployment
    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    mutating func run() async throws {
        let table =
            if measured.isEmpty {
                try stored()
            } else {
                try await calibrated(MeasuredSource(paths: measured, deployment: logged))
            }
        try Console.print(result: format.format.render(table))
    }

    private func stored() throws(Failure) -> CalibrationTable {
        let store = try ProfileStore.required(common)
        let source = try CaseSource(common)
        var entries: [CalibrationTable.Entry] = []
        for known in try EngineCalibration.all(in: store) {
            let engine = known.stored.platform.engine
            entries.append(
                CalibrationTable.Entry(
                    platform: known.stored.platform,
                    constants: try known.constants(over: source.usualOverhead(of: engine)),
                    rows: known.stored.rows, interval: known.stored.interval, errors: nil,
                    source: known.stored.source, timings: known.stored.timings,
                    versions: known.stored.versions))
        }
        return CalibrationTable(entries, toolVersion: Version.current)
    }

    func validate() throws {
        guard !measured.isEmpty || logged.columns.isEmpty else {
            throw ValidationError("Options of logs need --measured.")
        }
    }

    private func calibrated(_ measured: MeasuredSource) async throws -> CalibrationTable {
        let path = measured.paths.map(Console.name).joined(separator: " ")
        let (written, bytes) = try measured.table()
        let store = try ProfileStore.writable(common)
        let source = try CaseSource(common, usesCalibrations: false)
        let table = source.catalog.asLaunched(written)
        let platforms = MeasuredPlatforms(
            source: source, degrees: table.degrees, namesConstants: true)
        let run = ValidationRun(
            table: table, platforms: try platforms.platforms(of: table.rows),
            seed: common.seed ?? 1, jobs: common.jobCount)
        let origin = "\(path), sha256:\(SHA256.hash(data: bytes).hexadecimal)"
        var (entries, refused):
            ([CalibrationTable.Entry], [(platform: PlatformKey, reason: String)]) =
                ([], [])
        let (found, rowsRefused) = await run.calibrations()
        for row in rowsRefused {
            Console.say("refused: \(path): line \(row.line) (\(row.id)): \(row.reason)")
        }
        for (key, result) in found {
            switch result {
            case .success(let found):
                entries += try found.map { one throws(Failure) in try entry(one, source, origin) }
            case .failure(let refusal):
                refused.append((key, refusal.reason))
                Console.say(
                    "refused: \(key.model) on \(key.gpu) with \(key.engine): \(refusal.reason)")
            }
        }
        guard !entries.isEmpty else {
            throw Failure(
                ToolExit.badData,
                "\(path): no platform could be calibrated, as told above; nothing was kept.")
        }
        try keep(entries, in: store)
        return CalibrationTable(
            entries, refused: refused, rowsRefused: rowsRefused, toolVersion: Version.current)
    }

    /// What was found for a platform, with its own interval or that of public rows.
    private func entry(
        _ found: PlatformCalibration, _ source: CaseSource, _ origin: String
    ) throws(Failure) -> CalibrationTable.Entry {
        let own = found.factors.map {
            PredictionInterval(
                ttftFactor: $0.ttft, tpotFactor: $0.tpot,
                source: found.leavesVersions
                    ? EngineCalibration.ownVersions : EngineCalibration.ownRows)
        }
        let usual = try source.usualInterval(
            of: found.key.engine, after: found.deployments,
            timed: found.timings != [ProfileFacts.untimed])
        let interval = own ?? usual.map(found.interval(unless:))
        warn(found, interval == usual ? nil : interval)
        return CalibrationTable.Entry(
            platform: found.key, constants: found.constants, rows: found.rows, interval: interval,
            errors: (found.before, found.after), source: origin, timings: found.timings,
            versions: found.versions)
    }

    /// Factor by which rows may miss before it is worth a word.
    private static let farOff = 2.0

    /// Says where the constants do not reach what was measured; the interval is that of the rows themselves.
    private func warn(_ found: PlatformCalibration, _ interval: PredictionInterval?) {
        let own = "\(found.key.model) on \(found.key.gpu) with \(found.key.named)"
        if !found.exhausted.isEmpty {
            Console.say(
                "warning: \(own): \(found.exhausted.joined(separator: " and ")) ended at the limit of what a "
                    + "constant may be, so that the measurements are not reached. Are model, GPU, engine, layout "
                    + "and units those of the run?")
        }
        if let interval, max(interval.ttftFactor, interval.tpotFactor) >= Self.farOff {
            Console.say(
                "warning: \(own): predictions of rows that were left out may be off by factors of "
                    + "\(rounded(interval.ttftFactor)) in TTFT and \(rounded(interval.tpotFactor)) in TPOT; more rows, or "
                    + "rows of one build of the engine, tell more")
        }
    }

    private func rounded(_ factor: Double) -> Double { (factor * 100).rounded() / 100 }

    private func keep(
        _ entries: [CalibrationTable.Entry], in store: ProfileStore
    ) throws(Failure) {
        do {
            try store.keep(entries.map { StoredCalibration($0) })
        } catch {
            throw Failure(error)
        }
        Console.say("kept \(entries.count) calibrations in \(store.path)")
    }
}

extension StoredCalibration {
    fileprivate init(_ entry: CalibrationTable.Entry) {
        self.init(
            platform: entry.platform, constants: entry.constants.named, rows: entry.rows,
            interval: entry.interval, source: entry.source, timings: entry.timings,
            versions: entry.versions,
            toolVersion: Version.current)
    }
}
