import Foundation
import ServingDomain

@testable import Profiling

/// The folder of public tables beside the package, which a checkout may lack.
enum SharedTables {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("shared/data")

    static var isPresent: Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent("vidur").path)
    }

    /// Every CSV file of the folders `aiconfigurator` and `vidur`, by path.
    static func all() -> [String] {
        ["aiconfigurator", "vidur"].flatMap { folder in
            let url = root.appendingPathComponent(folder)
            let names = FileManager.default.enumerator(atPath: url.path)?.allObjects ?? []
            return names.compactMap { $0 as? String }.filter { $0.hasSuffix(".csv") }.sorted()
                .map { url.appendingPathComponent($0).path }
        }
    }

    static func path(_ relative: String) -> String { root.appendingPathComponent(relative).path }

    /// Lines below the header, counted without the parser under test.
    static func dataRows(of path: String) throws -> Int {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        return bytes.split(separator: UInt8(ascii: "\n")).count - 1
    }
}

/// A folder that vanishes with its last reference.
final class TemporaryFolder {
    let url = FileManager.default.temporaryDirectory
        .appendingPathComponent("profiling-" + UUID().uuidString)

    init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func write(_ text: String, to name: String) throws -> String {
        let place = url.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: place)
        return place.path
    }
}

let options = ImportOptions(toolVersion: "test", date: Date(timeIntervalSince1970: 0))
let skipping = ImportOptions(skipBadRows: true, toolVersion: "test")
let h100 = ProfileContext(gpu: "h100-sxm", engine: "vllm", version: "0.24.0")

/// A file of the tool's own format around `rows`.
func timings(_ rows: [String], comments: [String] = ["trust: measured"]) -> String {
    let origin = ["gpu: h100-sxm", "engine: vllm", "engine_version: 0.24.0"]
    let header = "kind,format,variant,d1,d2,d3,d4,d5,d6,x,y,latency_us"
    return ((origin + comments).map { "# " + $0 } + [header] + rows).joined(separator: "\n") + "\n"
}

let goodRows = [
    "gemm,bf16,,4096,4096,,,,,16,0,12.5", "gemm,fp8,,4096,4096,,,,,16,0,7",
    "decode_attention,bf16,,32,8,128,0,,,4,1000,31.25",
    "prefill_attention,fp8,,32,8,128,0,2,,512,1024,310",
    "experts,fp8_block,power_law_1.2,2048,768,128,8,1,1,64,0,90.125",
    "all_reduce,,vllm_graph,8,,,,,,8192,0,6.5", "point_to_point,,nccl,,,,,,,8192,0,17",
    "norm,,,4096,,,,,,16,0,2.75", "host,,\"schedule:a,b\",2,,,,,,8,0,199.6",
]

extension ProfileStore {
    /// Imports text as if it were a file at `path`.
    @discardableResult
    func take(
        _ text: String, at path: String = "timings.csv", options: ImportOptions = options
    ) throws(ProfilingError) -> ImportReport {
        try importTimings(SourceFile(path: path, bytes: Array(text.utf8)), options: options)
    }
}

/// The error that `body` throws, as text; empty where it throws none.
func message(_ body: () throws(ProfilingError) -> some Any) -> String {
    do {
        _ = try body()
        return ""
    } catch {
        return error.description
    }
}
