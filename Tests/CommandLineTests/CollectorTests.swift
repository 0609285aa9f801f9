import ChildProcesses
import Foundation
import Testing

@Suite(
    "The collector of GPU timings, without a GPU",
    .enabled(if: Python.withTorch != nil, "needs a Python 3 with PyTorch (package python3-torch)"))
struct CollectorTests {
    private var collector: String {
        Tool.packageRoot.appending(path: "Hardware/collector").path
    }

    private func python(_ arguments: [String], in folder: Folder) async throws
        -> ChildProcess.Ending
    {
        try await Python.end(
            [try #require(Python.withTorch)] + arguments, in: folder, limit: 300)
    }

    @Test("its parts do what they say")
    func parts() async throws {
        let tests = Tool.packageRoot.appending(path: "Tests/Collector/test_collector.py").path
        let answer = try await python([tests], in: try Folder())
        #expect(answer.code == 0, "\(answer.words)")
        #expect(answer.words.contains("OK"))
    }

    @Test("a run on the CPU writes a CSV that imports cleanly, and goes on where it ended")
    func smoke() async throws {
        let folder = try Folder()
        let collect = [collector, "collect", "--cpu-smoke", "--output", "timings.csv"]
        let first = try await python(collect, in: folder)
        #expect(first.code == 0, "\(first.words)")
        let imported = try await Tool.run(
            ["profile", "import", "timings.csv", "--store", "s.sqlite", "-o", "json"], in: folder)
        #expect(imported.code == 0, "\(imported.words)")
        let reports = try #require(
            try JSONSerialization.jsonObject(with: imported.output) as? [[String: Any]])
        #expect(reports.first?["refused"] as? Int == 0)
        #expect(reports.first?["gpu"] as? String == "cpu-smoke")
        #expect(try #require(reports.first?["samples_added"] as? Int) > 100)
        let text = try folder.text("timings.csv")
        let second = try await python(collect, in: folder)
        #expect(second.words.contains("0 timings in timings.csv"))
        #expect(try folder.text("timings.csv") == text)
    }

    @Test("a served trace has every round with its tokens")
    func served() async throws {
        let folder = try Folder()
        let session =
            #"{"arrival_s": 0, "rounds": [{"new_tokens": 20, "output_tokens": 3}, "#
            + #"{"new_tokens": 8, "output_tokens": 2}]}"#
        try folder.add(["trace.jsonl": .text(session + "\n" + session + "\n")])
        let answer = try await python(
            [
                collector, "serve", "--cpu-smoke", "--trace", "trace.jsonl", "--output",
                "rounds.jsonl",
                "--max-sequences", "2", "--max-context", "128",
            ], in: folder)
        #expect(answer.code == 0, "\(answer.words)")
        let lines = try folder.text("rounds.jsonl").split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        let rounds = lines.dropFirst()
        #expect(rounds.count == 4)
        let gaps = rounds.compactMap { ($0["itl_ms"] as? [Double])?.count }
        #expect(gaps.sorted() == [1, 1, 2, 2])
        let waits = rounds.compactMap { $0["ttft_ms"] as? Double }
        #expect(waits.count == 4 && waits.allSatisfy { $0 > 0 })
    }

    @Test("bad input is refused by name")
    func refusals() async throws {
        let folder = try Folder()
        try folder.add(["list.csv": .text("kind,format,shape\ngemm,bf16,n=1\n")])
        // Without a GPU nothing is measured, whatever is asked.
        let answer = try await python(
            [collector, "collect", "--output", "t.csv", "--operators", "list.csv"], in: folder)
        #expect(answer.code == 65)
        #expect(
            answer.words.contains("no GPU that PyTorch can use was found")
                || answer.words.contains("list.csv, line 2"))
        #expect(try folder.paths == ["list.csv"])
    }
}

@Suite("The operators that the collector measures")
struct CollectorListTests {
    @Test("are those of every shipped model at degrees 1, 2, 4 and 8")
    func list() async throws {
        let root = Tool.packageRoot
        let models = try FileManager.default
            .contentsOfDirectory(atPath: root.appending(path: "Models").path)
            .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
        var text = ""
        for model in models {
            text += try await Tool.run(
                ["profile", "operators", "--model", model, "--tp", "1,2,4,8", "-o", "csv"],
                in: try Folder()
            ).text
        }
        var seen: Set<String> = []
        // Counts, FLOPs and bytes belong to a step, and many steps have the same operator.
        let rows = text.split(separator: "\n").map { line in
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            return cells[3...5].joined(separator: ",")
        }.filter { seen.insert($0).inserted }
        let file = root.appending(path: "Hardware/collector/operators.csv")
        if ProcessInfo.processInfo.environment["AMPD_GOLDEN"] == "write" {
            try Data((rows.joined(separator: "\n") + "\n").utf8).write(to: file)
        }
        let kept = try String(contentsOf: file, encoding: .utf8)
        #expect(kept == rows.joined(separator: "\n") + "\n", "make golden writes it anew")
    }
}
