import ArgumentParser
import Foundation
import ServingDomain
import Validating

/// What logs do not say of the deployment that they were written of.
struct LoggedDeployment: ParsableArguments {
    @Option(
        help: "Of logs, where they do not say it (tables have columns): model name.",
        completion: .models)
    var model: String?

    @Option(help: "Of logs: GPU name, for example h100-sxm.", completion: .gpus)
    var gpu: String?

    @Option(help: "Of logs: serving engine.", completion: .engines)
    var engine: String?

    @Option(help: "Of logs: version of the engine.")
    var engineVersion: String?

    @Option(help: "Of logs: workers, for example C:4x1, or P:4x2,D:8x1 for two pools.")
    var layout: LayoutArgument?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Of logs: requests under way at once over the whole deployment, in place of the rate or \
            the times that a log has.
            """),
        transform: wholeNumber(1...1_000_000))
    var concurrency: Int?

    @Option(
        parsing: .unconditional, help: "Of logs: requests that the engine takes into a step.",
        transform: wholeNumber(1...65_536))
    var maxNumSeqs: Int?

    @Option(
        parsing: .unconditional, help: "Of logs: tokens that the engine takes into a step.",
        transform: wholeNumber(1...100_000_000))
    var maxNumBatchedTokens: Int?

    @Option(help: "Of logs: format of the weights.")
    var weightFormat: FormatArgument?

    @Option(help: "Of logs: format of the KV cache; bf16 where nothing is said.")
    var kvFormat: CacheFormat?

    /// Formats that a KV cache is measured in.
    enum CacheFormat: String, ExpressibleByArgument, CaseIterable {
        case bf16
        case fp8
    }

    /// By the names of columns (docs/measured-csv.md).
    var columns: [String: String] {
        var columns: [String: String] = [:]
        columns["model"] = model
        columns["gpu"] = gpu
        columns["engine"] = engine
        columns["engine_version"] = engineVersion
        columns["concurrency"] = concurrency.map(String.init)
        columns["precision"] = weightFormat?.format.rawValue
        columns["kv_cache_dtype"] = kvFormat?.rawValue
        columns["max_num_seqs"] = maxNumSeqs.map(String.init)
        columns["max_num_batched_tokens"] = maxNumBatchedTokens.map(String.init)
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
            files.append((Console.name(of: path), bytes))
            all.append(bytes)
        }
        for (path, bytes) in files { try Self.checkText(path, bytes) }
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
                "\(file.path): is a table, and options of logs were given beside it; tables have "
                    + "columns for them (docs/measured-csv.md).")
        }
        return (try Self.table(file.path, file.bytes), all)
    }

    /// - Throws: where bytes are none of a table or log.
    private static func checkText(_ path: String, _ bytes: Data) throws(Failure) {
        let found: String? =
            if bytes.allSatisfy({ " \t\r\n".utf8.contains($0) }) {
                "nothing"
            } else if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
                "UTF-16"
            } else if bytes.starts(with: [0x1F, 0x8B]) {
                "gzip"
            } else {
                nil
            }
        guard let found else { return }
        throw Failure(
            ToolExit.badData,
            "\(path): found \(found), expected a table or a log as UTF-8 text.")
    }

    /// The table of a file, with the logs that it names.
    private static func table(_ path: String, _ bytes: Data) throws(Failure) -> MeasuredTable {
        // Of standard input, the working directory.
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        var unread: Failure?
        do {
            return try MeasuredTable(bytes) { (name) throws(RunLogError) in
                do {
                    return try run(
                        Console.read(URL(fileURLWithPath: name, relativeTo: folder).path))
                } catch let failure as Failure {
                    unread = failure
                    throw RunLogError(failure.description)
                } catch let error as RunLogError {
                    throw error
                } catch {
                    throw RunLogError("\(error)")
                }
            }
        } catch {
            throw Failure(unread?.code ?? ToolExit.badData, "\(path): \(error.description)")
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
            throw Failure(ToolExit.badData, error.description)
        }
    }

    /// The one run of a log beside a table.
    private static func run(_ bytes: Data) throws(RunLogError) -> RunLog {
        let runs = try RunLog.runs(bytes)
        guard runs.count == 1, let run = runs.first else {
            throw RunLogError(
                "found \(runs.count) runs, expected one; keep each in a file of its own.")
        }
        return run
    }
}
