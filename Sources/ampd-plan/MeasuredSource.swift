import ArgumentParser
import Foundation
import ServingDomain
import Validating

/// What logs do not say of the deployment that they were written of.
struct LoggedDeployment: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where logs do not say it (a table has columns for it): model name."))
    var model: String?

    @Option(help: "Of logs: GPU name, for example h100-sxm.")
    var gpu: String?

    @Option(help: "Of logs: serving engine.")
    var engine: String?

    @Option(help: "Of logs: version of the engine.")
    var engineVersion: String?

    @Option(help: "Of logs: workers, for example C:4x1, or P:4x2,D:8x1 for two pools.")
    var layout: LayoutArgument?

    @Option(
        parsing: .unconditional,
        help: "Of logs without one: requests under way at once over the whole deployment.",
        transform: wholeNumber(1...1_000_000))
    var concurrency: Int?

    @Option(help: "Of logs: format of the weights.")
    var weightFormat: FormatArgument?

    @Option(help: "Of logs: format of the KV cache; bf16 where nothing is said.")
    var kvFormat: FormatArgument?

    /// By the names of columns (docs/measured-csv.md).
    var columns: [String: String] {
        var columns: [String: String] = [:]
        columns["model"] = model
        columns["gpu"] = gpu
        columns["engine"] = engine
        columns["engine_version"] = engineVersion
        columns["concurrency"] = concurrency.map(String.init)
        columns["precision"] = weightFormat?.format.rawValue
        columns["kv_cache_dtype"] = kvFormat?.format.rawValue
        guard let deployment = layout?.deployment else { return columns }
        // Whatever a log says of its parallelism: the layout is the whole of it.
        for degree in ["attention_dp_size", "moe_ep_size", "pp_size"] { columns[degree] = "1" }
        switch deployment {
        case .colocated(let groups):
            columns["tp_size"] = groups.first.map { "\($0.parallelism.tensor.value)" }
            columns["num_workers"] = groups.first.map { "\($0.replicas)" }
        case .disaggregated(let prefill, let decode):
            columns["mode"] = "disagg"
            for (pool, groups) in [("prefill", prefill), ("decode", decode)] {
                columns["\(pool)_tp_size"] = groups.first.map { "\($0.parallelism.tensor.value)" }
                columns["\(pool)_num_workers"] = groups.first.map { "\($0.replicas)" }
            }
        }
        return columns
    }

    mutating func validate() throws {
        guard let deployment = layout?.deployment else { return }
        let pools: [[WorkerGroup]] =
            switch deployment {
            case .colocated(let groups): [groups]
            case .disaggregated(let prefill, let decode): [prefill, decode]
            }
        guard pools.allSatisfy({ $0.count == 1 }) else {
            throw ValidationError("--layout: expected one degree for each kind of worker.")
        }
    }
}

/// Reads a table of measured deployments, or the logs of runs in its place.
struct MeasuredSource {
    let paths: [String]
    let deployment: LoggedDeployment

    /// The table, and the bytes that it was made of.
    ///
    /// - Throws: 65 with the file and the place where something cannot be understood.
    func table() throws(Failure) -> (table: MeasuredTable, bytes: Data) {
        var (files, all): ([(path: String, bytes: Data)], Data) = ([], Data())
        for path in paths {
            let bytes = try Console.read(path)
            files.append((path, bytes))
            all.append(bytes)
        }
        if files.allSatisfy({ RunLog.isLog($0.bytes) }) { return (try logs(files), all) }
        guard files.count == 1, let file = files.first else {
            throw Failure(
                ToolExit.usage,
                "--measured: found \(files.count) files that are not all logs, expected one table, "
                    + "or logs; name the logs in a column `log` of the table "
                    + "(docs/measured-csv.md).")
        }
        guard deployment.columns.isEmpty else {
            throw Failure(
                ToolExit.usage,
                "\(file.path): is a table, and \(deployment.columns.keys.sorted()[0]) was given as "
                    + "an option; tables have a column for it.")
        }
        do {
            let folder = URL(fileURLWithPath: file.path).deletingLastPathComponent()
            let table = try MeasuredTable(file.bytes) { (name) throws(RunLogError) in
                try Self.run(folder, name)
            }
            return (table, all)
        } catch {
            throw Failure(ToolExit.badData, "\(file.path): \(error.description)")
        }
    }

    private func logs(_ files: [(path: String, bytes: Data)]) throws(Failure) -> MeasuredTable {
        var runs: [(name: String, log: RunLog)] = []
        for (path, bytes) in files {
            do {
                let found = try RunLog.runs(bytes)
                for (index, log) in found.enumerated() {
                    runs.append((found.count > 1 ? "\(path)#\(index + 1)" : path, log))
                }
            } catch {
                throw Failure(ToolExit.badData, "\(path): \(error.description)")
            }
        }
        do {
            return try MeasuredTable(runs: runs, stated: deployment.columns)
        } catch {
            throw Failure(ToolExit.badData, "\(files.map(\.path)): \(error.description)")
        }
    }

    /// The one run of a log beside a table.
    private static func run(_ folder: URL, _ name: String) throws(RunLogError) -> RunLog {
        let path = URL(fileURLWithPath: name, relativeTo: folder).path
        let bytes: Data
        do {
            bytes = try Console.read(path)
        } catch {
            throw RunLogError(error.description)
        }
        let runs = try RunLog.runs(bytes)
        guard runs.count == 1, let run = runs.first else {
            throw RunLogError(
                "found \(runs.count) runs, expected one; keep each in a file of its own.")
        }
        return run
    }
}
