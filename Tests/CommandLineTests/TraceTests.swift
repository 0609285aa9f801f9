import ChildProcesses
import Foundation
import Testing

/// Folders of public traces with figures that were computed from their bytes by somebody else.
///
/// `TRACES_DIR` names another folder of such folders.
private enum PublishedTraces {
    static let named = ProcessInfo.processInfo.environment["TRACES_DIR"]
    static let root =
        named.map { URL(fileURLWithPath: $0) }
        ?? Tool.packageRoot.deletingLastPathComponent().appending(path: "shared/data/traces")

    /// Each with the one file of it that is a trace in a format that is read.
    static var folders: [(name: String, trace: URL)] {
        let files = FileManager.default
        let names = (try? files.contentsOfDirectory(atPath: root.path))?.sorted() ?? []
        return names.compactMap { name in
            let folder = root.appending(path: name)
            guard files.fileExists(atPath: folder.appending(path: "stats.json").path),
                let parts = try? files.contentsOfDirectory(atPath: folder.path)
            else { return nil }
            let traces = parts.filter { isRead($0, in: folder) }
            return traces.count == 1 ? (name, folder.appending(path: traces[0])) : nil
        }
    }

    private static func isRead(_ part: String, in folder: URL) -> Bool {
        guard part.hasSuffix(".csv") || part.hasSuffix(".jsonl"),
            let handle = try? FileHandle(forReadingFrom: folder.appending(path: part)),
            let bytes = try? handle.read(upToCount: 4096)
        else { return false }
        let start = String(decoding: bytes, as: UTF8.self)
        return start.hasPrefix("TIMESTAMP,ContextTokens") || start.contains("\"hash_ids\"")
    }
}

@Suite("Trace")
struct TraceTests {
    /// What a figure may be called there, or here.
    private static let names = ["sessions_reconstructed": "sessions"]
    /// Sums that only some traces have.
    private static let notTold = [
        "sum_hash_ids", "first_ts_ms", "last_ts_ms", "first", "last",
        "unsorted_rows",
    ]

    @Test("a folder stands for the one trace in it, and an unclear one is told")
    func folders() async throws {
        let folder = try Folder()
        let trace = "arrival_s,new_tokens,output_tokens\n0,10,5\n1,20,6\n"
        try folder.add(["one": .folder, "two": .folder])
        try folder.add([
            "one/README.md": .text("about"), "one/trace.csv": .text(trace),
            "two/a.csv": .text(trace), "two/b.csv": .text(trace),
        ])
        func describe(_ path: String) async throws -> Tool.Answer {
            try await Tool.run(["workload", "describe", path, "-o", "json"], in: folder)
        }
        let file = try await describe("one/trace.csv")
        #expect(file.code == 0)
        #expect(try await describe("one").output == file.output)
        let unclear = try await describe("two")
        #expect(unclear.code == 65 && unclear.words.contains("found 2 files (a.csv, b.csv)"))
        #expect(try await describe("three").code == 66)
        let unknown = try await Tool.run(
            ["workload", "describe", "one", "--format", "tape"], in: folder)
        #expect(unknown.code == 64 && unknown.words.contains("no format is called 'tape'"))
        let table = try await Tool.run(["workload", "describe", "one"], in: folder)
        #expect(String(decoding: table.output, as: UTF8.self).contains("initial_prefill"))
    }

    @Test("a named folder of traces holds some")
    func present() {
        guard PublishedTraces.named != nil else { return }
        #expect(!PublishedTraces.folders.isEmpty, "TRACES_DIR holds no trace that is read")
    }

    @Test(
        "figures are those that were published with the trace",
        .enabled(if: !PublishedTraces.folders.isEmpty, "needs ../shared/data/traces"),
        arguments: PublishedTraces.folders.map(\.name))
    func figures(name: String) async throws {
        print("trace: \(name)")
        let folder = try #require(PublishedTraces.folders.first { $0.name == name })
        let answer = try await Tool.run(
            ["workload", "describe", folder.trace.path, "-o", "json"], in: try Folder())
        #expect(answer.code == 0)
        let stated = try Data(
            contentsOf: PublishedTraces.root.appending(path: "\(name)/stats.json"))
        let differences = try Self.differences(
            try JSONSerialization.jsonObject(with: stated),
            try JSONSerialization.jsonObject(with: answer.output), at: "")
        #expect(differences.isEmpty, "\(differences)")
    }

    /// Places where a stated number is not ours: counts exactly, others to a thousandth.
    private static func differences(_ stated: Any, _ own: Any?, at place: String) throws -> [String]
    {
        if let stated = stated as? [String: Any] {
            let own = own as? [String: Any]
            return try stated.keys.sorted().filter {
                !notTold.contains($0) && !$0.contains("_est")
            }.flatMap { name in
                try differences(
                    stated[name] ?? "", own?[names[name] ?? name], at: "\(place).\(name)")
            }
        }
        guard let number = stated as? Double else { return [] }
        guard let found = own as? Double else { return ["\(place): \(number), here nothing"] }
        let isCount = number == number.rounded() && place.hasSuffix("n")
        let allowed = isCount ? 0 : 1e-3 * abs(number)
        return abs(found - number) <= allowed ? [] : ["\(place): \(number), here \(found)"]
    }
}
