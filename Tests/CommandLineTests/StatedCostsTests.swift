import ChildProcesses
import Foundation
import Testing

/// A case with stated costs and a small trace, in a folder of its own.
enum StatedCase {
    static let costs = """
        {"prefill_instances": 2, "decode_instances": 1,
         "prefill_max_batch": 1, "decode_token_cap": 4000,
         "prefill": {"a": 10, "b_per_token": 0.1},
         "decode": {"a": 5, "b_per_context_token": 0.001, "c_per_request": 0.5},
         "engine_overhead_ms": {"base": 1}}
        """
    static let trace = """
        request_id,arrival_unit_rate_s,prompt_tokens,decode_steps
        a,0,100,2
        b,0.04,50,1
        c,4,200,0

        """
    static let text = """
        apiVersion: ampd-plan/v1
        kind: Case
        name: stated
        cost_model: {file: costs.json, engine_overhead: exclude}
        workload: {trace: trace.csv, rate_per_s: 2}
        slo: {ttft_ms: 500, itl_ms: 30}
        policy: {name: distserve}

        """

    static func with(_ old: String, as new: String) -> String { text.replacing(old, with: new) }

    static func files(_ text: String = text, costs: String = costs) -> [String: Folder.Item] {
        ["case.yaml": .text(text), "costs.json": .text(costs), "trace.csv": .text(trace)]
    }

    static func folder(_ text: String = text) throws -> Folder {
        let folder = try Folder()
        try folder.add(files(text))
        return folder
    }
}

@Suite("Cases with stated costs, and files of rounds")
struct StatedCostsTests {
    @Test("every round is in the file, with times that can be worked out by hand")
    func rounds() async throws {
        let folder = try StatedCase.folder()
        let answer = try await Tool.run(
            ["simulate", "case.yaml", "--rounds-out", "rounds.csv"], in: folder)
        #expect(answer.code == 0, "\(answer.words)")
        let table = Table(try folder.text("rounds.csv"))
        // At 2 per second: arrivals at 0, 20 and 2,000 ms. Prefill 10 + 0.1 n: 20, 15 and 30 ms; b
        // goes to the first worker again, for it is free at 20. A decode step takes
        // 5 + 0.001 context + 0.5 sequences: a alone (101) to 25.601, then a (102) to 31.203. b joins
        // at 35 when a has gone: 51 tokens, to 40.551. c has no step.
        #expect(try table.texts("session") == ["0", "1", "2"])
        #expect(try table.texts("arrival_ms") == ["0.000000", "20.000000", "2000.000000"])
        #expect(try table.texts("prefill_worker") == ["0", "0", "0"])
        #expect(try table.texts("first_token_ms") == ["20.000000", "35.000000", "2030.000000"])
        #expect(try table.texts("finish_ms") == ["31.203000", "40.551000", "2030.000000"])
        #expect(try table.texts("tpot_ms") == ["5.601500", "5.551000", ""])
        #expect(try table.texts("output_tokens") == ["3", "2", "1"])
        #expect(try folder.paths == ["case.yaml", "costs.json", "rounds.csv", "trace.csv"])
    }

    @Test("JSONL holds the same, key by key")
    func lines() async throws {
        let folder = try StatedCase.folder()
        for file in ["rounds.csv", "rounds.jsonl"] {
            _ = try await Tool.run(["simulate", "case.yaml", "--rounds-out", file], in: folder)
        }
        let table = Table(try folder.text("rounds.csv"))
        let lines = try folder.text("rounds.jsonl").split(separator: "\n")
        #expect(lines.count == 3)
        for (row, line) in lines.enumerated() {
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            for column in ["session", "finish_ms", "prompt_tokens", "queue_wait_ms"] {
                #expect(try table.numbers(column)[row] == object[column] as? Double, "\(column)")
            }
            #expect(object["prefill_site"] as? String == "remote")
            #expect((object["tpot_ms"] is NSNull) == (row == 2))
        }
    }

    @Test("engine overhead counts unless it is excluded, and says so")
    func overhead() async throws {
        let folder = try StatedCase.folder(StatedCase.with(", engine_overhead: exclude", as: ""))
        let answer = try await Tool.run(
            ["simulate", "case.yaml", "--rounds-out", "rounds.csv", "-o", "json"], in: folder)
        let first = try Table(try folder.text("rounds.csv")).texts("first_token_ms").first
        #expect(first == "21.000000")
        #expect(answer.words.contains("with engine overhead"))
        #expect(answer.text.contains("cost_model.engine_overhead"))
    }

    @Test("the document tells what was assumed, where costs come from and what was measured")
    func document() async throws {
        let folder = try StatedCase.folder()
        let answer = try await Tool.run(
            ["simulate", "case.yaml", "--measure", "all", "-o", "json"], in: folder)
        let object = try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
        #expect(object["measured_sessions"] as? String == "all")
        #expect(object["layout"] as? String == "P:1x2,D:1x1")
        #expect(object["rounds_simulated"] as? Int == 3)
        let profile = try #require(object["profile"] as? [String: Any])
        #expect(profile["trust"] as? String == "given")
        #expect((profile["digest"] as? String)?.hasPrefix("sha256:") == true)
        let assumptions = try #require(object["assumptions"] as? [[String: Any]])
        let keys = assumptions.compactMap { $0["key"] as? String }
        #expect(keys.contains("cost_model.kv_capacity_tokens") && keys.contains("layout"))
    }

    @Test("a stated KV capacity is one: sessions beyond it are refused")
    func capacity() async throws {
        let folder = try StatedCase.folder(
            StatedCase.with("exclude}", as: "exclude, kv_capacity_tokens: 160}"))
        let answer = try await Tool.run(
            ["simulate", "case.yaml", "--measure", "all", "-o", "json"], in: folder)
        let object = try JSONSerialization.jsonObject(with: answer.output) as? [String: Any]
        #expect(object?["sessions_refused"] as? Int == 1)
    }

    @Test("a file of rounds has every replication, in order and the same for any number of jobs")
    func replications() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        for jobs in ["1", "3"] {
            let answer = try await Tool.run(
                ["simulate", "case.yaml", "--layout", "P:1x1,D:1x1", "--jobs", jobs]
                    + ["--rounds-out", "\(jobs).csv"], in: folder)
            #expect(answer.code == 0, "\(answer.words)")
        }
        #expect(try folder.text("1.csv") == folder.text("3.csv"))
        let table = Table(try folder.text("1.csv"))
        let runs = try table.numbers("replication")
        #expect(runs == runs.sorted() && Set(runs) == [0, 1])
        let sessions = try zip(runs, table.texts("session")).map { "\($0) \($1)" }
        #expect(Set(sessions).count == 2 * 20)
        for (first, finish) in try zip(
            table.numbers("first_token_ms"), table.numbers("finish_ms"))
        {
            #expect(first <= finish)
        }
    }

    @Test("a check judges a layout with stated costs")
    func check() async throws {
        let folder = try StatedCase.folder()
        let fine = try await Tool.run(["check", "case.yaml"], in: folder)
        #expect([0, 3].contains(fine.code), "\(fine.words)")
        try folder.add(["case.yaml": .text(StatedCase.with("ttft_ms: 500", as: "ttft_ms: 1"))])
        let missed = try await Tool.run(["check", "case.yaml"], in: folder)
        #expect([1, 3].contains(missed.code) && missed.text.contains("ttft_p95"))
    }

    static let broken = [
        Broken(
            "a missing cost model", ["simulate", "case.yaml"], 66, ["costs.json"],
            files: ["case.yaml": .text(StatedCase.text), "trace.csv": .text(StatedCase.trace)]),
        Broken(
            "a cost model that is none", ["simulate", "case.yaml"], 65, ["costs.json:1:1"],
            files: StatedCase.files(costs: "[]")),
        Broken(
            "an unknown key in it", ["simulate", "case.yaml"], 65,
            ["costs.json:2:", "prefil_max_batch", "did you mean 'prefill_max_batch'"],
            files: StatedCase.files(
                costs: StatedCase.costs.replacing("prefill_max", with: "prefil_max"))),
        Broken(
            "a coefficient that is no number", ["simulate", "case.yaml"], 65,
            ["costs.json:3:", "prefill.a", "'x'"],
            files: StatedCase.files(
                costs: StatedCase.costs.replacing("\"a\": 10", with: "\"a\": x"))),
        Broken(
            "host time that is not there", ["simulate", "case.yaml"], 65,
            ["cost_model.engine_overhead", "states no overhead"],
            files: StatedCase.files(
                costs: StatedCase.costs.replacing(
                    ",\n \"engine_overhead_ms\": {\"base\": 1}", with: ""))),
        Broken(
            "half a platform", ["simulate", "case.yaml"], 65, ["'cluster' is missing"],
            files: StatedCase.files(StatedCase.text + "model: llama-3.1-8b\n")),
        Broken(
            "a bad layout in the case", ["simulate", "case.yaml"], 65,
            ["case.yaml:8:9", "layout", "P:4x1,D:4x1"],
            files: StatedCase.files(StatedCase.text + "layout: D:1x1\n")),
        Broken(
            "no layout anywhere", ["simulate", "case.yaml"], 64, ["--layout", "case.yaml"],
            files: StatedCase.files(
                StatedCase.with(", engine_overhead: exclude", as: ""),
                costs: "{prefill: {constant: 1}, decode: {constant: 1}}")),
        Broken(
            "a plan of stated costs", ["plan", "case.yaml"], 64, ["cost_model", "simulate"],
            files: StatedCase.files()),
        Broken(
            "rounds of no known form", ["simulate", "case.yaml", "--rounds-out", "x.txt"], 64,
            ["--rounds-out x.txt", ".csv or .jsonl"], files: StatedCase.files()),
        Broken(
            "rounds in no folder", ["simulate", "case.yaml", "--rounds-out", "no/x.csv"], 74,
            ["--rounds-out no/x.csv", "does not exist"], files: StatedCase.files()),
        Broken(
            "rounds of a comparison",
            [
                "simulate", "case.yaml", "--rounds-out", "x.csv", "--compare-policies", "all",
            ], 64, ["--rounds-out", "--compare-policies"], files: StatedCase.files()),
        Broken(
            "an unknown measure", ["simulate", "case.yaml", "--measure", "some"], 64,
            ["--measure", "some"], files: StatedCase.files()),
        Broken(
            "a trace row with a missing field", ["simulate", "case.yaml"], 65,
            ["trace.csv", "Line 2", "3 fields"],
            files: StatedCase.files().merging(
                ["trace.csv": .text(StatedCase.trace.replacing("a,0,100,2", with: "a,0,100"))]
            ) { _, new in new }),
    ]

    @Test("what is wrong gets one message, a code and no answer", arguments: broken)
    func refused(_ broken: Broken) async throws { try await broken.check() }
}
