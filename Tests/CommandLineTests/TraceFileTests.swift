import ChildProcesses
import Foundation
import Testing

@Suite("simulate --trace-out")
struct TraceFileTests {
    private func smallCase() throws -> Folder {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        return folder
    }

    private static let command = [
        "simulate", "case.yaml", "--layout", "P:2x1,D:1x2", "-o", "json", "--trace-out", "run.json",
    ]

    private func trace(_ folder: Folder) throws -> (events: [[String: Any]], origin: [String: Any])
    {
        let data = Data(try folder.text("run.json").utf8)
        let document = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        return (
            try #require(document["traceEvents"] as? [[String: Any]]),
            try #require(document["otherData"] as? [String: Any])
        )
    }

    @Test("the same command writes the same bytes and the answer that it gives without a trace")
    func determinism() async throws {
        let (one, two) = (try smallCase(), try smallCase())
        let answer = try await Tool.run(Self.command + ["--jobs", "1"], in: one)
        #expect(answer.code == 0)
        #expect(answer.words.contains("trace: replication 1 of 2, "))
        _ = try await Tool.run(Self.command + ["--jobs", "3"], in: two)
        #expect(try one.text("run.json") == two.text("run.json"))
        let plain = try await Tool.run(Array(Self.command.dropLast(2)), in: one)
        #expect(plain.output == answer.output)
    }

    @Test("a trace says where it comes from")
    func origin() async throws {
        let folder = try smallCase()
        _ = try await Tool.run(
            Self.command + ["--policy", "always-local", "--seed", "7"], in: folder)
        let origin = try trace(folder).origin
        #expect(origin["case"] as? String == "small")
        #expect(origin["model"] as? String == "llama-3.1-8b")
        #expect(origin["layout"] as? String == "P:2x1,D:1x2")
        #expect(origin["policy"] as? String == "always_local")
        #expect(origin["seed"] as? Int == 7)
        #expect((origin["tool_version"] as? String)?.isEmpty == false)
    }

    @Test("a window and a sample leave less, and what is left is what was asked for")
    func part() async throws {
        let folder = try smallCase()
        _ = try await Tool.run(Self.command, in: folder)
        let whole = try trace(folder)
        _ = try await Tool.run(
            Self.command + ["--trace-window", "5s:10s", "--trace-every", "3"], in: folder)
        let part = try trace(folder)
        #expect(part.events.count < whole.events.count / 2)
        let sessions = Set(
            part.events.filter { $0["ph"] as? String == "b" }.compactMap { $0["id"] as? Int })
        #expect(!sessions.isEmpty)
        #expect(sessions.allSatisfy { $0.isMultiple(of: 3) })
        #expect(part.origin["window_from_us"] as? Int == 5_000_000)
        #expect(part.origin["window_to_us"] as? Int == 10_000_000)
    }

    @Test("a window after the end is empty, and a warning says so")
    func empty() async throws {
        let folder = try smallCase()
        let answer = try await Tool.run(
            Self.command + ["--trace-window", "50000s:60000s"], in: folder)
        #expect(answer.code == 0)
        #expect(
            answer.words.contains("warning: nothing happens in --trace-window: the run ends at"))
        #expect(try trace(folder).events.allSatisfy { $0["ph"] as? String == "M" })
    }

    static let broken = [
        Broken(
            "a window without a colon", sound: command + ["--trace-window", "10s"],
            "--trace-window", "10s:20s", code: 64),
        Broken(
            "a window without units", sound: command + ["--trace-window", "1:2"],
            "--trace-window", "units", code: 64),
        Broken(
            "a window that ends first", sound: command + ["--trace-window", "20s:10s"],
            "--trace-window", "the earlier first", code: 64),
        Broken(
            "no session at all", sound: command + ["--trace-every", "0"], "--trace-every",
            "from 1 to", code: 64),
        Broken(
            "a window without a file",
            sound: Array(command.dropLast(2)) + ["--trace-window", "1s:2s"], "--trace-out", code: 64
        ),
        Broken(
            "a sample without a file", sound: Array(command.dropLast(2)) + ["--trace-every", "2"],
            "--trace-out", code: 64),
        Broken(
            "a folder as file", sound: command, "--trace-out run.json", "folder", code: 74,
            files: ["run.json": .folder]),
        Broken(
            "a file in no folder", sound: Array(command.dropLast()) + ["none/run.json"],
            "--trace-out none/run.json", "does not exist", code: 74),
    ]

    @Test("what cannot be done is told before anything is computed", arguments: broken)
    func refused(_ broken: Broken) async throws {
        let folder = try Folder()
        try folder.add(broken.files)
        let answer = try await Tool.run(broken.arguments, in: folder)
        #expect(answer.code == broken.code)
        #expect(answer.output.isEmpty)
        for word in broken.words { #expect(answer.words.contains(word), "\(answer.words)") }
    }

    @Test(
        "Python reads the file, numbers and all",
        .enabled(if: Python.has("json"), "python3 is not installed"))
    func python() async throws {
        let folder = try smallCase()
        _ = try await Tool.run(Self.command, in: folder)
        let script = """
            import json, sys
            events = json.load(open(sys.argv[1]))["traceEvents"]
            print(len([e for e in events if e["ph"] == "b"]) - len([e for e in events if e["ph"] == "e"]))
            print(min(e["ts"] for e in events if "ts" in e) >= 0)
            """
        #expect(
            try Python.run(script, [folder.url.appending(component: "run.json")]) == ["0", "True"])
    }
}
