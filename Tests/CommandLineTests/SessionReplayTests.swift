import ChildProcesses
import Foundation
import Testing

@Suite(
    "The client that replays sessions",
    .enabled(
        if: Python.withAIOHTTP != nil, "needs a Python 3 with aiohttp (package python3-aiohttp)"))
struct SessionReplayTests {
    private func python(_ arguments: [String], in folder: Folder) async throws
        -> ChildProcess.Ending
    {
        try await Python.end(
            [try #require(Python.withAIOHTTP)] + arguments, in: folder, limit: 120)
    }

    @Test("asks a server for what a trace says, and writes down when it came")
    func client() async throws {
        let tests = Tool.packageRoot.appending(path: "Tests/Collector/test_replay.py").path
        let answer = try await python([tests], in: try Folder())
        #expect(answer.code == 0, "\(answer.words)")
        #expect(answer.words.contains("OK"))
    }

    @Test("needs no PyTorch, and says in a line what is wrong")
    func refusal() async throws {
        let folder = try Folder()
        try folder.add(["trace.jsonl": .text(#"{"arrival_s": 0}"# + "\n")])
        let answer = try await python(
            [
                Tool.packageRoot.appending(path: "Hardware/collector").path, "replay", "--url",
                "http://127.0.0.1:9", "--model", "m", "--trace", "trace.jsonl", "--output",
                "rounds.jsonl",
            ], in: folder)
        #expect(answer.code == 65)
        #expect(answer.words.contains("collector: trace.jsonl, line 1: expected a session"))
        #expect(answer.words.split(separator: "\n").count == 1)
    }
}
