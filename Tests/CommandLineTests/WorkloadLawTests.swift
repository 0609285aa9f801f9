import ChildProcesses
import Foundation
import Testing

@Suite("Fitting and drawing")
struct WorkloadLawTests {
    private static let traces = Tool.packageRoot.deletingLastPathComponent()
        .appending(path: "shared/data/traces")

    private static func object(_ answer: Tool.Answer) throws -> [String: Any] {
        #expect(answer.code == 0, "\(answer.words)")
        return try #require(
            JSONSerialization.jsonObject(with: Data(answer.output)) as? [String: Any])
    }

    /// Session traces with the figures that are compared.
    private static let quantities = [
        "rounds", "rounds_given_multi", "initial_prefill", "incremental_prefill", "decode",
        "prompt_tokens",
    ]

    @Test(
        "a trace, fitted, drawn and described again, has its medians within 5 % and P95 within 10 %",
        .enabled(
            if: FileManager.default.fileExists(atPath: traces.path), "no traces to compare with"),
        arguments: ["mooncake_conversation", "kv_cache_tester", "azure_llm_2023_conv"])
    func again(name: String) async throws {
        let (folder, trace) = (try Folder(), Self.traces.appending(path: name).path)
        func run(_ arguments: [String]) async throws -> [String: Any] {
            try Self.object(
                await Tool.run(["workload"] + arguments + ["-o", "json"], in: folder))
        }
        let source = try await run(["describe", trace])
        _ = try await run(["fit", trace, "--output", "laws.yaml"])
        _ = try await run(["synth", "laws.yaml", "--rate", "2/s", "--output", "drawn.jsonl"])
        let drawn = try await run(["describe", "drawn.jsonl"])
        let gaps =
            source["start_to_start_gap_s"] is [String: Any] ? "start_to_start_gap_s" : "delay_s"
        for (theirs, ours) in Self.quantities.map({ ($0, $0) }) + [(gaps, "delay_s")] {
            guard let theirs = source[theirs] as? [String: Any] else { continue }
            let ours = try #require(drawn[ours] as? [String: Any])
            for (figure, limit) in [("p50", 0.05), ("p95", 0.1)] {
                let (expected, found) = (theirs[figure] as? Double, ours[figure] as? Double)
                let error = try (#require(found) / #require(expected) - 1).magnitude
                #expect(error <= limit, "\(name) \(theirs) \(figure): \(found ?? 0)")
            }
        }
    }

    /// Sessions of small rounds and of large ones, one every second.
    private static let split = (0..<120).map { (session: Int) -> String in
        let round =
            #"{"new_tokens": \#(session.isMultiple(of: 2) ? 10 : 3000), "output_tokens": 5}"#
        return
            #"{"arrival_s": \#(session), "rounds": [\#([round, round, round].joined(separator: ", "))]}"#
    }.joined(separator: "\n")

    @Test("where laws miss whole prompts, whole sessions are drawn, arriving by the law")
    func whole() async throws {
        let folder = try Folder()
        try folder.add(["trace.jsonl": .text(Self.split + "\n")])
        func run(_ arguments: String...) async throws -> [String: Any] {
            try Self.object(
                await Tool.run(["workload"] + arguments + ["-o", "json"], in: folder))
        }
        let fit = try await run("fit", "trace.jsonl", "--output", "laws.yaml")
        #expect(fit["drawn_from"] as? String == "whole_sessions")
        let sessions = try #require(fit["whole_sessions"] as? [String: Any])
        #expect(sessions["file"] as? String == "laws.sessions.jsonl")
        #expect(sessions["jobs"] as? Int == 120 && sessions["copies"] as? Int == 1)
        let file = try folder.text("laws.yaml")
        #expect(file.contains("trace: laws.sessions.jsonl") && !file.contains("prefill_tokens"))
        #expect(file.contains("arrivals: gamma") || file.contains("arrivals: deterministic"))
        let drawn = try await run("synth", "laws.yaml", "--output", "a.jsonl", "--sessions", "600")
        #expect(drawn["jobs_drawn_from"] as? Int == 120 && drawn["sessions"] as? Int == 600)
        let quantities = try #require(drawn["quantities"] as? [String: [String: Any]])
        #expect(quantities["rounds"]?["p50_ci95"] is NSNull)
        // No session mixes both.
        for line in try folder.text("a.jsonl").split(separator: "\n") {
            #expect(line.contains("\"new_tokens\": 10,") != line.contains("\"new_tokens\": 3000,"))
        }
        _ = try await run("synth", "laws.yaml", "--output", "b.jsonl", "--sessions", "600")
        #expect(try folder.text("a.jsonl") == folder.text("b.jsonl"))
        _ = try await run(
            "synth", "laws.yaml", "--output", "c.jsonl", "--sessions", "600", "--seed", "2")
        #expect(try folder.text("a.jsonl") != folder.text("c.jsonl"))
        let laws = try await run(
            "fit", "trace.jsonl", "--sessions", "laws", "--output", "plain.yaml")
        #expect(laws["drawn_from"] as? String == "laws" && laws["whole_sessions"] is NSNull)
        let notes = try #require(laws["notes"] as? [String])
        #expect(notes.contains { $0.contains("Whole prompts") })
        #expect(try folder.text("plain.yaml").contains("prefill_tokens"))
        let mix = try await run(
            "mix", "a=laws.yaml@4/s", "b=chat@1/s", "--for", "30s", "--output", "mix.jsonl")
        #expect(mix["tenants"] != nil)
    }

    @Test("a pipe is read once, and no source is written over")
    func pipes() async throws {
        let folder = try Folder()
        try folder.add(["trace.jsonl": .text(Self.split + "\n")])
        func run(_ arguments: String...) async throws -> Tool.Answer {
            try await Tool.run(["workload"] + arguments, in: folder)
        }
        let piped = try await Tool.shell(
            "cat trace.jsonl | ampd-plan workload fit - --output laws.yaml", in: folder)
        #expect(piped.code == 0 && piped.words.contains("names whole sessions"))
        let over = try await run(
            "synth", "laws.yaml", "--output", "laws.sessions.jsonl", "--rate", "1/s")
        #expect(over.code == 64 && over.words.contains("sessions that are drawn"))
        let again = try await run("fit", "laws.sessions.jsonl", "--output", "laws.yaml")
        #expect(again.code == 64 && again.words.contains("laws.sessions.jsonl"))
        #expect(try folder.text("laws.sessions.jsonl").split(separator: "\n").count == 120)
        try folder.add([
            "wrong.yaml": .text(
                """
                apiVersion: ampd-plan/v1
                kind: Workload
                trace: laws.sessions.jsonl
                arrivals: gamma
                """)
        ])
        let wrong = try await run("synth", "wrong.yaml", "--output", "a.jsonl")
        #expect(wrong.code == 65 && wrong.words.contains("arrival_cv"))
    }

    @Test("whole jobs come at their own rate, and a trace without times says that it has none")
    func rates() async throws {
        let folder = try Folder()
        let trees = (0..<30).map { job in
            """
            {"id": "j\(job)", "arrival_s": \(2 * job), "rounds": [{"new_tokens": 9, "output_tokens": 5}]}
            {"parent": "j\(job)", "parent_round": 0, "rounds": [{"new_tokens": 4, "output_tokens": 5}]}
            """
        }.joined(separator: "\n")
        try folder.add([
            "trees.jsonl": .text(trees),
            "still.jsonl": .text(
                Self.split.replacing(/"arrival_s": \d+/, with: "\"arrival_s\": 0")),
        ])
        func fit(_ name: String) async throws -> String {
            let answer = try await Tool.run(
                ["workload", "fit", name, "--sessions", "whole", "--output", "w.yaml"], in: folder)
            #expect(answer.code == 0)
            return answer.words
        }
        #expect(try await !fit("trees.jsonl").contains("tells no rate"))
        #expect(try folder.text("w.yaml").contains("rate_per_s: 0.517"))
        #expect(try await fit("still.jsonl").contains("tells no rate"))
        #expect(try !folder.text("w.yaml").contains("rate_per_s"))
    }

    @Test("drawn sessions are the same for the same seed, and others for another")
    func seeds() async throws {
        let folder = try Folder()
        try folder.add([
            "laws.yaml": .text(
                """
                apiVersion: ampd-plan/v1
                kind: Workload
                template: agent
                prefill_tokens: {distribution: gamma, mean: 500, cv: 2}
                """)
        ])
        func draw(_ name: String, _ options: String...) async throws -> [String: Any] {
            try Self.object(
                await Tool.run(
                    ["workload", "synth", "laws.yaml", "--output", name, "-o", "json"] + options,
                    in: folder))
        }
        let first = try await draw("a.jsonl", "--sessions", "300", "--rate", "2/s")
        #expect(first["sessions"] as? Int == 300)
        _ = try await draw("b.jsonl", "--sessions", "300", "--rate", "2/s", "--seed", "1")
        _ = try await draw("c.jsonl", "--sessions", "300", "--rate", "2/s", "--seed", "2")
        let text = try folder.text("a.jsonl")
        #expect(try text == folder.text("b.jsonl") && text != folder.text("c.jsonl"))
        #expect(text.split(separator: "\n").count == 300)
        // Another rate changes arrivals alone.
        _ = try await draw("d.jsonl", "--sessions", "300", "--rate", "4/s")
        let rounds = { (text: String) in
            text.split(separator: "\n").map { $0.drop { $0 != "[" } }
        }
        #expect(try rounds(text) == rounds(folder.text("d.jsonl")))
        let quantities = try #require(first["quantities"] as? [String: [String: Any]])
        let interval = try #require(quantities["decode_tokens"]?["p50_ci95"] as? [Double])
        let median = try #require(quantities["decode_tokens"]?["p50"] as? Double)
        #expect(interval[0] < median && median < interval[1])
        let usual = try await draw("e.jsonl", "--rate", "2/s")
        #expect(usual["sessions"] as? Int == 50_000)
        // Without a rate all arrive at once, as those of traces without times.
        let rateless = try await Tool.run(
            ["workload", "synth", "laws.yaml", "--output", "f.jsonl", "--sessions", "3"], in: folder
        )
        #expect(rateless.code == 0 && rateless.words.contains("--rate"))
        let lines = try folder.text("f.jsonl").split(separator: "\n")
        #expect(lines.count == 3 && lines.allSatisfy { $0.contains("\"arrival_s\": 0,") })
    }

    @Test("broken laws, traces without requests and odd names are refused with their code")
    func refused() async throws {
        let folder = try Folder()
        try folder.add([
            "laws.yaml": .text("apiVersion: ampd-plan/v1\nkind: Workload\ntemplate: agent\n"),
            "wrong.yaml": .text("apiVersion: ampd-plan/v1\nkind: Workload\nrounds: none\n"),
            "trace.csv": .text("arrival_s,new_tokens,output_tokens\n"),
        ])
        func run(_ arguments: String...) async throws -> Tool.Answer {
            try await Tool.run(["workload"] + arguments, in: folder)
        }
        let wrong = try await run("synth", "wrong.yaml", "--output", "a.jsonl")
        #expect(wrong.code == 65 && wrong.words.contains("wrong.yaml:3:9"))
        #expect(try await run("synth", "none.yaml", "--output", "a.jsonl").code == 66)
        #expect(try await run("synth", "laws.yaml", "--output", "a.txt").code == 64)
        let own = try await run("synth", "laws.yaml", "--output", "laws.yaml")
        #expect(own.code == 64 && own.words.contains("laws.yaml"))
        #expect(try await run("fit", "trace.csv", "--output", "a.jsonl").code == 64)
        #expect(try await run("fit", "trace.csv", "--output", "a.yaml").code == 65)
        #expect(try folder.paths == ["laws.yaml", "trace.csv", "wrong.yaml"])
    }
}

@Suite("Checking workloads")
struct WorkloadCheckTests {
    @Test("every file is read, and the worst decides the exit code")
    func checks() async throws {
        let folder = try Folder()
        try folder.add([
            "laws.yaml": .text("apiVersion: ampd-plan/v1\nkind: Workload\ntemplate: chat\n"),
            "good.csv": .text("arrival_s,new_tokens,output_tokens\n0,10,5\n1,20,6\n"),
            "bad.csv": .text("arrival_s,new_tokens,output_tokens\n0,10,5\n1,-2,6\n"),
            "long.csv": .text("arrival_s,new_tokens,output_tokens\n0,1000000,5\n"),
        ])
        func run(_ arguments: String...) async throws -> (code: Int32, files: [[String: Any]]) {
            let answer = try await Tool.run(
                ["workload", "validate"] + arguments + ["-o", "json"], in: folder)
            let object = try JSONSerialization.jsonObject(with: Data(answer.output))
            let files = (object as? [String: Any])?["files"] as? [[String: Any]]
            return (answer.code, try #require(files))
        }
        let fine = try await run("laws.yaml", "good.csv")
        #expect(fine.code == 0 && fine.files.allSatisfy { $0["verdict"] as? String == "ok" })
        #expect(fine.files[0]["sessions"] as? Int == 2000 && fine.files[1]["rounds"] as? Int == 2)
        #expect(fine.files[1]["longest_context_tokens"] as? Int == 26)
        let broken = try await run("bad.csv", "good.csv")
        #expect(broken.code == 65 && broken.files.count == 2)
        let notes = try #require(broken.files[0]["notes"] as? [String])
        #expect(notes[0].contains("bad.csv: Line 3") && notes[0].contains("new_tokens"))
        #expect(broken.files[1]["verdict"] as? String == "ok")
        let long = try await run("good.csv", "long.csv", "--model", "llama-3.1-8b")
        #expect(long.code == 1 && long.files[1]["verdict"] as? String == "too long")
        #expect(try await run("good.csv", "long.csv").code == 0)
        let both = try await run("long.csv", "bad.csv", "none.csv", "--model", "llama-3.1-8b")
        #expect(both.code == 65)
        let unknown = try await Tool.run(
            ["workload", "validate", "good.csv", "--model", "lama"], in: folder)
        #expect(unknown.code == 65 && unknown.words.contains("llama"))
    }

    @Test("texts are counted by as many characters as is said")
    func characters() async throws {
        let folder = try Folder()
        try folder.add([
            "c.json": .text(
                """
                [{"id": "y", "messages": [{"role": "user", "content": "123456789012"}, {"role": "assistant", "content": "1234"}]}]
                """)
        ])
        func prompt(_ options: String...) async throws -> Double? {
            let answer = try await Tool.run(
                ["workload", "describe", "c.json", "-o", "json"] + options, in: folder)
            let object = try JSONSerialization.jsonObject(with: Data(answer.output))
            let figures = (object as? [String: Any])?["initial_prefill_est"] as? [String: Any]
            return figures?["max"] as? Double
        }
        #expect(try await prompt() == 3)
        #expect(try await prompt("--characters-per-token", "2.4") == 5)
        let refused = try await Tool.run(
            ["workload", "describe", "c.json", "--characters-per-token", "0"], in: folder)
        #expect(refused.code == 64 && refused.words.contains("0.1 to 100"))
    }
}
