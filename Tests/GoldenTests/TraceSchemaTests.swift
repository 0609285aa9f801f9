import ChildProcesses
import Foundation
import Testing

/// The trace of a small run against the schema of what viewers display.
@Suite(
    "Trace files",
    .enabled(if: Tool.binary != nil, "ampd-plan was not built"),
    .enabled(if: TraceSchema.isPresent, "needs ../shared/schemas beside the package"))
struct TraceSchemaTests {
    @Test(
        "a trace is valid trace-event JSON, whatever part of the run it holds",
        arguments: [
            ["--layout", "P:2x1,D:2x1", "--trace-every", "10", "--trace-window", "0s:30s"],
            ["--layout", "C:2x2", "--trace-window", "10s:15s"],
            ["--layout", "P:1x2,D:2x1", "--policy", "ampd", "--trace-window", "0s:3s"],
        ])
    func valid(options: [String]) async throws {
        let file = FileManager.default.temporaryDirectory
            .appending(path: "\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        let answer = try await Tool.run(
            ["simulate", "Examples/\(Self.example)/case.yaml", "--trace-out", file.path] + options)
        try #require(answer.code == 0, "\(answer.words)")
        let document = try JSON(try Data(contentsOf: file))
        #expect((document["traceEvents"]?.elements.count ?? 0) > 100)
        let schema = try JSON(try Data(contentsOf: TraceSchema.file))
        #expect(SchemaCheck(root: schema).faults(document).prefix(5) == [])
    }

    @Test("the check would find a wrong event")
    func invalid() throws {
        let schema = try JSON(try Data(contentsOf: TraceSchema.file))
        let wrong = #"{"traceEvents": [{"ph": "X", "name": "a", "pid": 1, "tid": 1, "ts": 0}]}"#
        #expect(SchemaCheck(root: schema).faults(try JSON(Data(wrong.utf8))).count == 1)
    }

    private static let example = "trace-sessions"
}

enum TraceSchema {
    static let file = Tool.root.deletingLastPathComponent()
        .appending(path: "shared/schemas/trace-event/trace-event.json")

    static var isPresent: Bool { FileManager.default.fileExists(atPath: file.path) }
}
