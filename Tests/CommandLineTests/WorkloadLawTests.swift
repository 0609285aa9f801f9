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
    }

    @Test("laws without a rate, traces without requests and odd names are refused with their code")
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
        let rateless = try await run("synth", "laws.yaml", "--output", "a.jsonl")
        #expect(rateless.code == 64 && rateless.words.contains("--rate"))
        let wrong = try await run("synth", "wrong.yaml", "--output", "a.jsonl")
        #expect(wrong.code == 65 && wrong.words.contains("wrong.yaml:3:9"))
        #expect(try await run("synth", "none.yaml", "--output", "a.jsonl").code == 66)
        #expect(try await run("synth", "laws.yaml", "--output", "a.yaml").code == 64)
        #expect(try await run("fit", "trace.csv", "--output", "a.jsonl").code == 64)
        #expect(try await run("fit", "trace.csv", "--output", "a.yaml").code == 65)
        #expect(try folder.paths == ["laws.yaml", "trace.csv", "wrong.yaml"])
    }
}
