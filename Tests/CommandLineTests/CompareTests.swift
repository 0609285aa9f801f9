import ChildProcesses
import Foundation
import Testing

/// `compare` as an operator runs it.
@Suite("Comparing plans, and plans with measurements")
struct CompareTests {
    private func planned() async throws -> Folder {
        let folder = try Folder()
        let other = SmallCase.with("rate_per_s: 2", as: "rate_per_s: 6")
        try folder.add(["case.yaml": .text(SmallCase.text), "other.yaml": .text(other)])
        for name in ["case", "other"] {
            let plan = try await Tool.run(["plan", "\(name).yaml", "-o", "json"], in: folder)
            try folder.add(["\(name).json": .text(plan.text)])
        }
        return folder
    }

    private func document(_ answer: Tool.Answer) throws -> [String: Any] {
        try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any],
            "\(answer.words)")
    }

    /// Figures of the only file by metric and statistic.
    private func figures(_ answer: Tool.Answer) throws -> [String: [String: Any]] {
        let files = try #require(try document(answer)["files"] as? [[String: Any]])
        let list = try #require(files.first?["figures"] as? [[String: Any]])
        return Dictionary(
            list.map { ("\($0["metric"] ?? "") \($0["statistic"] ?? "")", $0) },
            uniquingKeysWith: { first, _ in first })
    }

    @Test("two plans stand side by side, with differences on the same sessions")
    func plans() async throws {
        let folder = try await planned()
        let answer = try await Tool.run(
            ["compare", "case.json", "other.json", "-o", "json"], in: folder)
        #expect(answer.code == 0, "\(answer.words)")
        let found = try document(answer)
        #expect((found["plans"] as? [Any])?.count == 2)
        let differences = try #require(found["differences"] as? [[String: Any]])
        #expect(differences.map { $0["figure"] as? String }.contains("ttft_ms p95"))
        let same = try document(
            try await Tool.run(["compare", "case.json", "case.json", "-o", "json"], in: folder))
        let zero = try #require(same["differences"] as? [[String: Any]])
        #expect(zero.allSatisfy { $0["difference"] as? Double == 0 })
        let written = try await Tool.run(
            ["compare", "case.json", "other.json", "--as-written"], in: folder)
        #expect(written.code == 0)
        #expect(written.text.contains("ttft_ms p95"))
        #expect(!written.text.contains("same sessions"))
    }

    @Test("a plan against the rounds of its own simulation is within its intervals")
    func rounds() async throws {
        let folder = try await planned()
        let plan = try document(
            try await Tool.run(["compare", "case.json", "case.json", "-o", "json"], in: folder))
        let layout = try #require((plan["plans"] as? [[String: Any]])?.first?["layout"] as? String)
        for name in ["rounds.csv", "rounds.jsonl"] {
            let simulated = try await Tool.run(
                ["simulate", "case.yaml", "--layout", layout, "--rounds-out", name], in: folder)
            #expect(simulated.code == 0)
            let answer = try await Tool.run(
                ["compare", "case.json", "--measured", name, "-o", "json"], in: folder)
            #expect(answer.code == 0, "\(answer.words)")
            let found = try figures(answer)
            for key in ["ttft_ms p50", "tpot_ms mean", "e2e_ms mean"] {
                #expect(found[key]?["inside"] as? Bool == true, "\(name) \(key)")
            }
        }
    }

    @Test(
        "figures of every benchmark format are read in milliseconds",
        arguments: [
            (
                "bench.json",
                "{\"mean_ttft_ms\": 50, \"median_ttft_ms\": 40, \"p99_itl_ms\": 9, "
                    + "\"request_throughput\": 2.5}", "vllm_bench"
            ),
            (
                "aiperf.json",
                "{\"time_to_first_token\": {\"unit\": \"s\", \"avg\": 0.05, \"p50\": 0.04}, "
                    + "\"inter_token_latency\": {\"unit\": \"ms\", \"p99\": 9}, "
                    + "\"request_throughput\": {\"unit\": \"requests/sec\", \"avg\": 2.5}}",
                "aiperf"
            ),
            (
                "aiperf.csv",
                "Metric,avg,min,max,p99,p50\nTime to First Token (ms),50,1,90,80,40\n"
                    + "Inter Token Latency (ms),8,1,20,9,7\n\nMetric,Value\n"
                    + "Request Throughput (requests/sec),2.5\n", "aiperf"
            ),
            (
                "report.yaml",
                """
                version: 0.2.1
                run: {uid: x}
                results:
                  request_performance:
                    aggregate:
                      latency:
                        time_to_first_token: {units: s, mean: 0.05, p50: 0.04}
                        inter_token_latency: {units: ms/token, mean: 8, p99: 9}
                      throughput:
                        request_rate: {units: queries/s, mean: 2.5}

                """, "benchmark_report"
            ),
        ])
    func formats(_ name: String, _ text: String, _ format: String) async throws {
        let folder = try await planned()
        try folder.add([name: .text(text)])
        let answer = try await Tool.run(
            ["compare", "case.json", "--measured", name, "-o", "json"], in: folder)
        #expect(answer.code == 0, "\(answer.words)")
        #expect(answer.text.contains("\"format\" : \"\(format)\""))
        let found = try figures(answer)
        #expect(found["ttft_ms mean"]?["measured"] as? Double == 50)
        #expect(found["ttft_ms p50"]?["measured"] as? Double == 40)
        // What AIPerf calls inter-token latency is a mean of each request.
        let gap = format == "aiperf" ? "tpot_ms p99" : "itl_ms p99"
        #expect(found[gap]?["measured"] as? Double == 9)
        #expect(found["requests_per_s mean"]?["measured"] as? Double == 2.5)
    }

    @Test("a plan is written as a Benchmark Report that check accepts and compare reads back")
    func report() async throws {
        let folder = try await planned()
        let written = try await Tool.run(
            ["compare", "case.json", "--benchmark-report", "report.yaml"], in: folder)
        #expect(written.code == 0, "\(written.words)")
        let checked = try await Tool.run(["check", "report.yaml"], in: folder)
        #expect(checked.code == 0, "\(checked.text)")
        let answer = try await Tool.run(
            ["compare", "case.json", "--measured", "report.yaml", "-o", "json"], in: folder)
        let found = try figures(answer)
        #expect(found.count >= 16)
        #expect(found.values.allSatisfy { abs($0["error"] as? Double ?? 1) < 1e-6 })
    }

    @Test("a simulation stands for a plan, and is equal to the rounds that it wrote")
    func simulation() async throws {
        let folder = try await planned()
        let simulated = try await Tool.run(
            [
                "simulate", "case.yaml", "--layout", "C:1x2", "--rounds-out", "rounds.csv", "-o",
                "json",
            ], in: folder)
        #expect(simulated.code == 0, "\(simulated.words)")
        try folder.add(["simulated.json": .text(simulated.text)])
        let answer = try await Tool.run(
            ["compare", "simulated.json", "--measured", "rounds.csv", "-o", "json"], in: folder)
        #expect(answer.code == 0, "\(answer.words)")
        #expect(try document(answer)["layout"] as? String == "C:1x2")
        let found = try figures(answer)
        for figure in ["ttft_ms mean", "ttft_ms p95", "tpot_ms p50", "e2e_ms mean"] {
            let error = try #require(found[figure]?["error"] as? Double)
            #expect(abs(error) < 0.01, "\(figure) is off by \(error)")
        }
        let both = try await Tool.run(["compare", "simulated.json", "case.json"], in: folder)
        #expect(both.code == 0 && both.text.contains("C:1x2"), "\(both.words)")

        let other = try await Tool.run(["explain", "simulated.json"], in: folder)
        #expect(other.code == 65)
        #expect(other.words.contains("kind is \"SimulationResult\"; expected PlanResult"))
        let second = try await Tool.run(
            ["compare", "simulated.json", "--rank", "2", "--measured", "rounds.csv"], in: folder)
        #expect(second.code == 65 && second.words.contains("no plan has rank 2"))
        try folder.add([
            "bent.json": .text(simulated.text.replacing("\"C:1x2\"", with: "\"C:3x2\""))
        ])
        let bent = try await Tool.run(
            ["compare", "bent.json", "--measured", "rounds.csv"], in: folder)
        #expect(bent.code == 65 && bent.words.contains("bent.json: layout is"), "\(bent.words)")
    }

    @Test("one tenant is put beside its own rounds")
    func tenant() async throws {
        let folder = try Folder()
        let sessions = (0..<30).flatMap { second in
            [("chat", 0, 400, 30), ("a, b", 5, 2000, 5), ("", 7, 30, 2)].map {
                name, tenths, new, output in
                #"{\#(name.isEmpty ? "" : #""tenant": "\#(name)", "#)"arrival_s": \#(second).\#(tenths), "rounds": "#
                    + #"[{"new_tokens": \#(new), "output_tokens": \#(output)}]}"#
            }
        }
        try folder.add([
            "trace.jsonl": .text(sessions.joined(separator: "\n")),
            "case.yaml": .text(SmallCase.trace("trace.jsonl")),
        ])
        for name in ["rounds.csv", "rounds.jsonl"] {
            let answer = try await Tool.run(
                [
                    "simulate", "case.yaml", "--layout", "C:1x1", "--measure", "all",
                    "--rounds-out",
                    name, "-o", "json",
                ], in: folder)
            try folder.add(["plan.json": .text(String(decoding: answer.output, as: UTF8.self))])
            var measured: [Double] = []
            for tenant in ["chat", "a, b"] {
                let compared = try await Tool.run(
                    [
                        "compare", "plan.json", "--tenant", tenant, "--measured", name, "-o",
                        "json",
                    ], in: folder)
                #expect(!compared.words.contains("not the same sessions"), "\(compared.words)")
                let found = try #require(
                    JSONSerialization.jsonObject(with: compared.output) as? [String: Any])
                #expect(found["tenant"] as? String == tenant)
                let files = try #require(found["files"] as? [[String: Any]])
                let figures = try #require(files.first?["figures"] as? [[String: Any]])
                #expect(figures.count >= 8)
                #expect(figures.allSatisfy { abs($0["error"] as? Double ?? 1) < 1e-5 })
                measured.append(figures.first?["measured"] as? Double ?? 0)
            }
            // Means of TTFT: prompts of the second are five times as long.
            #expect(measured[1] > 1.5 * measured[0], "\(measured)")
        }
        let unknown = try await Tool.run(
            ["compare", "plan.json", "--tenant", "x", "--measured", "rounds.csv"], in: folder)
        #expect(unknown.code == 65 && unknown.words.contains("it has 'chat', 'a, b'."))
        let alone = try await Tool.run(
            ["compare", "plan.json", "plan.json", "--tenant", "x"], in: folder)
        #expect(alone.code == 64 && alone.words.contains("--tenant goes with --measured"))
    }

    @Test("two plans on the same sessions have their own engines")
    func ownEngines() async throws {
        let folder = try Folder()
        for (name, engine) in [("a", ""), ("b", "engine: {overhead: {per_first_token_ms: 500}}\n")]
        {
            try folder.add(["\(name).yaml": .text(SmallCase.text + engine)])
            let answer = try await Tool.run(
                ["simulate", "\(name).yaml", "--layout", "C:1x4", "-o", "json"], in: folder)
            #expect(answer.code == 0, "\(answer.words)")
            try folder.add(["\(name).json": .text(answer.text)])
        }
        let found = try document(
            try await Tool.run(["compare", "a.json", "b.json", "-o", "json"], in: folder))
        let differences = try #require(found["differences"] as? [[String: Any]])
        let ttft = try #require(differences.first { $0["figure"] as? String == "ttft_ms p95" })
        let later = try #require(ttft["difference"] as? Double)
        #expect(abs(later - 490) < 20, "10.3 ms became 500 ms, and TTFT \(later) ms more")
    }

    @Test("measurements of another GPU, or of other sessions, get a word")
    func strangers() async throws {
        let folder = try Folder()
        let session = #"{"arrival_s": 0, "rounds": [{"new_tokens": 20, "output_tokens": 3}]}"#
        let rounds =
            #"{"provenance": {"gpu": "l40s"}}"# + "\n"
            + String(
                repeating: #"{"round": 0, "ttft_ms": 1, "release_ms": 0, "finish_ms": 9}"# + "\n",
                count: 3)
        try folder.add([
            "trace.jsonl": .text(
                session + "\n" + session.replacing(": 0,", with: ": 1,") + "\n"),
            "rounds.jsonl": .text(rounds),
            "case.yaml": .text(
                SmallCase.trace("trace.jsonl").replacing("  rate_per_s: 2\n", with: "")),
        ])
        let simulated = try await Tool.run(
            [
                "simulate", "case.yaml", "--layout", "C:1x1", "--measure", "all", "-o", "json",
            ], in: folder)
        #expect(simulated.code == 0, "\(simulated.words)")
        try folder.add(["simulated.json": .text(simulated.text)])
        let answer = try await Tool.run(
            ["compare", "simulated.json", "--measured", "rounds.jsonl"], in: folder)
        #expect(answer.code == 0)
        #expect(answer.words.contains("was measured on l40s"), "\(answer.words)")
        #expect(answer.words.contains("has 3 rounds, and the simulation of the whole trace 2"))
    }

    @Test("what means nothing is told with its file")
    func faults() async throws {
        let folder = try await planned()
        try folder.add(["x.json": .text("{\"a\": 1}"), "y.csv": .text("round,ttft_ms\n0,soon\n")])
        let nothing = try await Tool.run(
            ["compare", "case.json", "--measured", "x.json"], in: folder)
        #expect(nothing.code == 65)
        #expect(nothing.words.contains("x.json: none of a Benchmark Report"))
        let word = try await Tool.run(["compare", "case.json", "--measured", "y.csv"], in: folder)
        #expect(word.code == 65)
        #expect(word.words.contains("y.csv:2: ttft_ms is 'soon'"))
        #expect(try await Tool.run(["compare", "case.json"], in: folder).code == 64)
        let alone = try await Tool.run(
            ["compare", "case.json", "--measured", "y.csv", "--as-written"], in: folder)
        #expect(alone.code == 64 && alone.words.contains("--as-written compares two plans"))
    }
}
