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

    /// Those that have stated figures.
    static var folders: [String] {
        let files = FileManager.default
        let names = (try? files.contentsOfDirectory(atPath: root.path))?.sorted() ?? []
        return names.filter { name in
            let folder = root.appending(path: name)
            let parts = (try? files.contentsOfDirectory(atPath: folder.path)) ?? []
            return parts.contains("stats.json")
        }
    }
}

@Suite("Trace")
struct TraceTests {
    /// What a figure may be called there, or here.
    private static let names = ["sessions_reconstructed": "sessions"]

    /// What others counted with a tokenizer of theirs, where the trace has texts alone; and texts of
    /// theirs about it.
    private static let estimates: Set<String> = [
        "initial_with_tool_list", "observation_tokens", "decode", "initial_no_tools", "tool_list",
        "new_prefill_per_round_with_tool_list", "observations", "decodes", "tokenizer", "note",
        "source",
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
        // The files of a folder are one trace.
        let both = try await describe("two")
        #expect(try Self.object(both.output)["requests"] as? Int == 4)
        try folder.add(["two/c.txt": .text("something\nelse\n")])
        let beside = try await describe("two")
        #expect(try Self.object(beside.output)["requests"] as? Int == 4)
        #expect(beside.words.contains("no known format were left out: c.txt"))
        try folder.add([
            "two/d.csv": .text(
                "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46,10,5\n")
        ])
        let mixed = try await describe("two")
        #expect(mixed.code == 65)
        #expect(mixed.words.contains("d.csv: Found a trace of the format azure_csv"))
        #expect(try await describe("three").code == 66)
        let unknown = try await Tool.run(
            ["workload", "describe", "one", "--format", "tape"], in: folder)
        #expect(unknown.code == 64 && unknown.words.contains("no format is called 'tape'"))
        let table = try await Tool.run(["workload", "describe", "one"], in: folder)
        #expect(String(decoding: table.output, as: UTF8.self).contains("initial_prefill"))
    }

    @Test("what is imported is what was described, and what is simulated")
    func imported() async throws {
        let folder = try Folder()
        try folder.add([
            "trace.jsonl": .text(
                """
                {"id": "a", "arrival_s": 0, "prefix": ["x", "y"], "prefix_tokens": [16, 32], "rounds": [{"new_tokens": 100, "output_tokens": 5, "delay_after_s": 0.25, "tool": "a \\"b\\""}, {"new_tokens": 0, "output_tokens": 7}]}
                {"arrival_s": 2.5, "prefix": "x", "rounds": [{"new_tokens": 60, "output_tokens": 4}]}
                {"parent": "a", "parent_round": 0, "rounds": [{"new_tokens": 30, "output_tokens": 3}]}
                """),
            "short.jsonl": .text(
                """
                {"arrival_s": 0, "rounds": [{"new_tokens": 100, "output_tokens": 5}, {"new_tokens": 9, "output_tokens": 7, "history_tokens": 40}, {"new_tokens": 3, "output_tokens": 1, "history_tokens": 900}]}

                """),
            "case.yaml": .text(SmallCase.trace("sessions.jsonl")),
        ])
        func run(_ arguments: String...) async throws -> [String: Any] {
            let answer = try await Tool.run(arguments + ["-o", "json"], in: folder)
            #expect(answer.code == 0, "\(answer.words)")
            return try Self.object(answer.output)
        }
        let imported = try await run(
            "workload", "import", "trace.jsonl", "--output", "sessions.jsonl")
        #expect(imported["sessions"] as? Int == 3 && imported["jobs"] as? Int == 2)
        #expect(imported["rounds"] as? Int == 4 && imported["new_tokens"] as? Int == 191)
        let described = try await run("workload", "describe", "trace.jsonl")
        let simulated = try #require(described["simulated"] as? [String: Int])
        #expect(
            simulated == ["sessions": 3, "rounds": 4, "new_tokens": 191, "output_tokens": 19])
        let played = try await run(
            "simulate", "case.yaml", "--layout", "C:1x1", "--measure", "all", "--seed", "1")
        for (name, count) in simulated {
            #expect(played["\(name)_simulated"] as? Int == count, "\(name)")
        }
        // Importing it again changes nothing.
        _ = try await run("workload", "import", "sessions.jsonl", "--output", "again.jsonl")
        #expect(try folder.text("again.jsonl") == folder.text("sessions.jsonl"))
        #expect(try folder.text("sessions.jsonl").contains(#""prefix": ["p0", "p1"]"#))
        // A history that is not kept stays so; one that is, is not worth a word.
        _ = try await run("workload", "import", "short.jsonl", "--output", "shorter.jsonl")
        let shortened = try folder.text("short.jsonl")
            .replacing(", \"history_tokens\": 900", with: "")
        #expect(try folder.text("shorter.jsonl") == shortened)
        let prompts = try await run("workload", "describe", "shorter.jsonl")["prompt_tokens"]
        #expect((prompts as? [String: Any])?["max"] as? Double == 100)
        #expect((prompts as? [String: Any])?["mean"] as? Double == 69.3333)
        let refused = try await Tool.run(
            ["workload", "import", "trace.jsonl", "--output", "x.txt"], in: folder)
        #expect(refused.code == 64 && refused.words.contains("expected a name that ends in .jsonl"))
        // A workload file names the sessions beside it, and a case takes it.
        try folder.add([
            "w": .folder, "shared.yaml": .text(SmallCase.workload(file: "w/agents.yaml")),
        ])
        _ = try await run("workload", "import", "trace.jsonl", "--output", "w/agents.yaml")
        #expect(try folder.text("w/agents.jsonl") == folder.text("sessions.jsonl"))
        let same = try await run(
            "simulate", "shared.yaml", "--layout", "C:1x1", "--measure", "all", "--seed", "1")
        #expect(same["rounds_simulated"] as? Int == 4)
        let checked = try await run("workload", "validate", "w/agents.yaml")
        let files = try #require(checked["files"] as? [[String: Any]])
        #expect(
            files[0]["sessions"] as? Int == 3 && files[0]["kind"] as? String == "sessions_jsonl")
        // What a workload file names is described; laws are not.
        let named = try await run("workload", "describe", "w/agents.yaml")
        #expect(named["simulated"] as? [String: Int] == simulated)
        try folder.add([
            "laws.yaml": .text("apiVersion: ampd-plan/v1\nkind: Workload\ntemplate: chat\n")
        ])
        let laws = try await Tool.run(["workload", "describe", "laws.yaml"], in: folder)
        #expect(laws.code == 65 && laws.words.contains("laws.yaml: holds laws, expected a trace"))
    }

    @Test(
        "a slice has the sessions of a window, a scaled trace the rate and the variation asked for")
    func changes() async throws {
        let folder = try Folder()
        let arrivals = (0..<200).map { Double($0 * $0 % 977) }
        try folder.add([
            "a.csv": .text(
                "arrival_s,new_tokens,output_tokens\n"
                    + arrivals.map { "\($0),100,5" }.joined(separator: "\n"))
        ])
        func run(_ arguments: String...) async throws -> [String: Any] {
            let answer = try await Tool.run(
                ["workload"] + arguments + ["-o", "json"], in: folder)
            #expect(answer.code == 0, "\(answer.words)")
            return try Self.object(answer.output)
        }
        let slice = try await run(
            "slice", "a.csv", "--from", "100s", "--to", "10min", "--output", "s.jsonl")
        #expect(slice["sessions"] as? Int == arrivals.count { (100..<600).contains($0) })
        _ = try await run("scale", "a.csv", "--rate", "5/s", "--output", "f.jsonl")
        func figures(_ file: String) async throws -> [String: Any] {
            try #require(try await run("describe", file)["arrivals_sessions"] as? [String: Any])
        }
        let (slow, fast) = (try await figures("a.csv"), try await figures("f.jsonl"))
        // 199 gaps at five a second, and as bursty as before.
        #expect(abs((fast["span_s"] as? Double ?? 0) - 199.0 / 5) < 0.001)
        #expect(
            abs(
                (fast["cv_interarrival"] as? Double ?? 0)
                    - (slow["cv_interarrival"] as? Double ?? 1))
                < 0.001)
        let none = try await Tool.run(
            [
                "workload", "slice", "a.csv", "--from", "20min", "--to", "30min", "--output",
                "n.jsonl",
            ],
            in: folder)
        #expect(none.code == 65 && none.words.contains("the last arrives 9"))
        #expect(try !folder.paths.contains("n.jsonl"))
        let wrong = try await Tool.run(
            ["workload", "slice", "a.csv", "--from", "2s", "--to", "1s", "--output", "n.jsonl"],
            in: folder)
        #expect(wrong.code == 64)
    }

    @Test("a trace in gzip is read as it is")
    func packed() async throws {
        let folder = try Folder()
        let rows = (0..<5000).map { "\($0),\(100 + $0 % 977),\(1 + $0 % 13)" }
        try folder.add([
            "a.csv": .text("arrival_s,new_tokens,output_tokens\n" + rows.joined(separator: "\n"))
        ])
        let plain = try await Tool.run(["workload", "describe", "a.csv", "-o", "json"], in: folder)
        let packing = try await ChildProcess(
            ["gzip", "a.csv"], in: folder.url, environment: ["PATH": "/usr/bin:/bin"]
        ).end(limit: 60, interruptAt: nil)
        #expect(packing.code == 0)
        let packed = try await Tool.run(
            ["workload", "describe", "a.csv.gz", "-o", "json"], in: folder)
        #expect(packed.code == 0 && packed.output == plain.output)
        let whole = try Data(contentsOf: folder.url.appending(path: "a.csv.gz"))
        try whole.prefix(3000).write(to: folder.url.appending(path: "a.csv.gz"))
        let cut = try await Tool.run(["workload", "describe", "a.csv.gz"], in: folder)
        #expect(cut.code == 65 && cut.words.contains("a.csv.gz: Found gzip that is cut off"))
    }

    @Test("a named folder of traces holds some")
    func present() {
        guard PublishedTraces.named != nil else { return }
        #expect(!PublishedTraces.folders.isEmpty, "TRACES_DIR holds no trace that is read")
    }

    @Test(
        "figures are those that were published with the trace",
        .enabled(if: !PublishedTraces.folders.isEmpty, "needs ../shared/data/traces"),
        arguments: PublishedTraces.folders)
    func figures(name: String) async throws {
        print("trace: \(name)")
        let answer = try await Tool.run(
            [
                "workload", "describe", PublishedTraces.root.appending(path: name).path, "-o",
                "json",
            ],
            in: try Folder())
        #expect(answer.code == 0)
        let stated = try Data(
            contentsOf: PublishedTraces.root.appending(path: "\(name)/stats.json"))
        let figures = try Self.object(stated)
        let differences = try Self.differences(
            figures, try Self.object(answer.output), at: "",
            but: figures["tokenizer"] == nil ? [] : Self.estimates)
        #expect(differences.isEmpty, "\(differences)")
    }

    private static func object(_ output: Data) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: output) as? [String: Any])
    }

    /// Places where a stated number is not ours: counts exactly, others to a thousandth.
    private static func differences(
        _ stated: Any, _ own: Any?, at place: String, but left: Set<String>
    ) throws -> [String] {
        if let stated = stated as? [String: Any] {
            let own = own as? [String: Any]
            return try stated.keys.sorted().filter { name in
                !left.contains(name) && (!name.contains("_est") || name == "requests_est")
            }.flatMap { name in
                try differences(
                    stated[name] ?? "", own?[names[name] ?? name], at: "\(place).\(name)", but: left
                )
            }
        }
        if let stated = stated as? [[String: Any]] {
            // The files of a folder may come in any order.
            let own = own as? [[String: Any]] ?? []
            return try stated.flatMap { file in
                let name = file["file"] as? String ?? ""
                return try differences(
                    file, own.first { $0["file"] as? String == name }, at: "\(place)[\(name)]",
                    but: left)
            }
        }
        if let texts = stated as? [String] {
            return own as? [String] == texts ? [] : ["\(place): \(texts), here \(own ?? "nothing")"]
        }
        if let text = stated as? String {
            return own as? String == text ? [] : ["\(place): \(text), here \(own ?? "nothing")"]
        }
        guard let number = stated as? Double else { return [] }
        guard let found = own as? Double else { return ["\(place): \(number), here nothing"] }
        let isCount = number == number.rounded() && place.hasSuffix("n")
        let allowed = isCount ? 0 : 1e-3 * abs(number)
        return abs(found - number) <= allowed ? [] : ["\(place): \(number), here \(found)"]
    }
}
