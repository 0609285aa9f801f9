import ChildProcesses
import Foundation
import Testing

/// Settings of the engine that a case may change, with times worked out by hand.
@Suite("What a case says of its engine")
struct EngineBehaviourTests {
    /// `StatedCase` on one prefill and one decode worker under `always_remote`: prefill 10 + 0.1 n ms,
    /// decode 5 + 0.001 context + 0.5 sequences.
    private func firstTokens(_ engine: String) async throws -> [String] {
        let text = StatedCase.with("policy: {name: distserve}", as: "policy: {name: always_remote}")
        let folder = try StatedCase.folder(text + "engine: {\(engine)}\nlayout: P:1x1,D:1x1\n")
        let answer = try await Tool.run(
            ["simulate", "case.yaml", "--rounds-out", "rounds.csv"], in: folder)
        #expect(answer.code == 0, "\(answer.words)")
        return try Table(try folder.text("rounds.csv")).texts("first_token_ms")
    }

    @Test("the first token comes from the decode worker's first step, or from the prefill worker")
    func firstTokenSite() async throws {
        // a: 20 ms; then b, which came at 20, until 35; c from 2,000 to 2,030. A step of the decode
        // worker: 5 + 0.1 + 0.5 = 5.6 for a. b waits for a's second step, from 35 on at the next
        // boundary: a's steps end at 25.600, 31.201 and 36.803; b's 50 tokens take 5.550.
        #expect(
            try await firstTokens("first_token_site: prefill_direct")
                == ["20.000000", "35.000000", "2030.000000"])
        #expect(
            try await firstTokens("first_token_site: decode")
                == ["25.600000", "42.353000", "2035.700000"])
    }

    @Test("prompts that wait are computed together within a budget of tokens")
    func prefillBatch() async throws {
        // b comes when a has been computed, so that nothing is there to be batched with.
        #expect(
            try await firstTokens(
                "first_token_site: prefill_direct, prefill_batch_tokens: 1000")
                == ["20.000000", "35.000000", "2030.000000"])
    }

    @Test("host memory needs a model and GPUs whose bytes are known")
    func hostMemory() async throws {
        let folder = try StatedCase.folder(StatedCase.text + "engine: {host_kv_gib: 10}\n")
        let answer = try await Tool.run(["simulate", "case.yaml"], in: folder)
        #expect(answer.code == 65)
        #expect(answer.words.contains("host_kv_gib"), "\(answer.words)")
    }

    @Test("data-parallel ranks make whole engines")
    func dataParallelRanks() async throws {
        let folder = try Folder()
        let text = SmallCase.text + "engine: {data_parallel_ranks: 2}\n"
        try folder.add(["case.yaml": .text(text)])
        func answer(_ arguments: String...) async throws -> (code: Int32, words: String) {
            let answer = try await Tool.run(arguments, in: folder)
            return (answer.code, answer.words)
        }
        let odd = try await answer("simulate", "case.yaml", "--layout", "P:1x1,D:1x1")
        #expect(odd.code == 1)
        #expect(odd.words.contains("data_parallel_ranks"), "\(odd.words)")
        let even = try await answer("simulate", "case.yaml", "--layout", "P:1x1,D:1x2")
        #expect(even.code == 0, "\(even.words)")
    }

    @Test("prompts that wait for those of other ranks come later, and cost others less")
    func promptBalance() async throws {
        let folder = try Folder()
        func answer(_ engine: String) async throws -> ChildProcess.Ending {
            try folder.add([
                "case.yaml": .text(
                    SmallCase.with("rate_per_s: 2", as: "rate_per_s: 12")
                        + "engine: {data_parallel_ranks: 4, \(engine)}\n")
            ])
            return try await Tool.run(
                ["simulate", "case.yaml", "--layout", "C:1x4", "-o", "json"], in: folder)
        }
        func means(_ engine: String) async throws -> [Double] {
            let answer = try await answer(engine)
            #expect(answer.code == 0, "\(answer.words)")
            let document = try JSONSerialization.jsonObject(with: answer.output) as? [String: Any]
            return try ["ttft_ms", "itl_ms"].map { key in
                let latency = try #require(document?[key] as? [String: Any])
                return try #require(latency["mean"] as? Double)
            }
        }
        let chunked = "local_prefill: chunked"
        let alone = try await means(chunked)
        #expect(
            try await means("\(chunked), prompt_balance_steps: 1, prompt_gathering_steps: 0")
                == alone)
        let balanced = try await means(
            "\(chunked), prompt_balance_steps: 200, prompt_gathering_steps: 0")
        #expect(balanced[0] > alone[0])
        #expect(balanced[1] < alone[1])
        for (key, value) in [("prompt_gathering_steps", "3"), ("prompt_pooling_share", "0.5")] {
            let odd = try await answer("\(key): \(value)")
            #expect(odd.code == 65)
            #expect(odd.words.contains("engine.\(key)"), "\(odd.words)")
        }
    }

    @Test(
        "an engine that looks for rounds every so many steps lets them wait, and no other waiting stands beside"
    )
    func receiveInterval() async throws {
        let folder = try Folder()
        func answer(_ engine: String) async throws -> ChildProcess.Ending {
            try folder.add([
                "case.yaml": .text(
                    SmallCase.with("rate_per_s: 2", as: "rate_per_s: 6")
                        + "engine: {\(engine)}\n")
            ])
            return try await Tool.run(
                ["simulate", "case.yaml", "--layout", "C:2x2", "-o", "json"], in: folder)
        }
        func ttft(_ engine: String) async throws -> Double {
            let answer = try await answer(engine)
            #expect(answer.code == 0, "\(answer.words)")
            let document = try JSONSerialization.jsonObject(with: answer.output) as? [String: Any]
            let latency = try #require(document?["ttft_ms"] as? [String: Any])
            return try #require(latency["mean"] as? Double)
        }
        let each = try await ttft("name: sglang")
        #expect(try await ttft("name: sglang, receive_interval_steps: 1") == each)
        #expect(try await ttft("name: sglang, receive_interval_steps: 50") > 1.5 * each)
        for other in [
            "prompt_pooling_steps: 5, prompt_pooling_share: 1", "prompt_balance_steps: 5",
        ] {
            let odd = try await answer("receive_interval_steps: 5, \(other)")
            #expect(odd.code == 65)
            #expect(odd.words.contains("engine.receive_interval_steps"), "\(odd.words)")
        }
    }

    @Test("host times and factors of a case take the place of the engine's")
    func overhead() async throws {
        let folder = try Folder()
        func tpot(_ engine: String) async throws -> Double {
            try folder.add(["case.yaml": .text(SmallCase.text + "engine: {\(engine)}\n")])
            let answer = try await Tool.run(
                ["simulate", "case.yaml", "--layout", "C:1x4", "-o", "json"], in: folder)
            #expect(answer.code == 0, "\(answer.words)")
            let document = try JSONSerialization.jsonObject(with: answer.output) as? [String: Any]
            let latency = try #require(document?["tpot_ms"] as? [String: Any])
            return try #require(latency["p50"] as? Double)
        }
        let usual = try await tpot("name: vllm, async_scheduling: off")
        let slow = try await tpot("async_scheduling: off, overhead: {per_step_us: 2000}")
        #expect(abs(slow - usual - 2) < 0.3, "\(usual) ms, and \(slow) ms with 2 ms per step more")
        // How far off predictions are with such figures nobody has measured.
        let answer = try await Tool.run(
            ["simulate", "case.yaml", "--layout", "C:1x4", "-o", "json"], in: folder)
        #expect(!answer.text.contains("ttft_factor"))
        let worse = try await tpot("async_scheduling: off, overhead: {decode_factor: 2}")
        #expect(worse > 1.5 * usual && worse < 2.5 * usual)
    }

    @Test(
        "what windowed layers keep follows the engine's version, and is stated where it is started")
    func slidingWindows() async throws {
        let folder = try Folder()
        func answer(_ engine: String, _ arguments: String...) async throws -> Tool.Answer {
            let text = SmallCase.with("llama-3.1-8b", as: "gpt-oss-120b")
                .replacing("slo:", with: "engine: {\(engine)}\nslo:")
            try folder.add(["case.yaml": .text(text)])
            return try await Tool.run(arguments, in: folder)
        }
        func kept(_ engine: String) async throws -> String? {
            let answer = try await answer(
                engine, "simulate", "case.yaml", "--layout", "C:1x4", "-o", "json")
            let document = try JSONSerialization.jsonObject(with: answer.output) as? [String: Any]
            let assumptions = document?["assumptions"] as? [[String: String]]
            return assumptions?.first { $0["key"] == "engine.sliding_window_kv" }?["value"]
        }
        #expect(try await kept("name: vllm") == "window")
        #expect(try await kept("name: vllm, version: 0.18.0") == "whole")
        #expect(try await kept("name: sglang") == "whole")
        #expect(try await kept("sliding_window_kv: whole") == nil)
        try folder.add([
            "other.yaml": .text(SmallCase.text + "engine: {sliding_window_kv: window}\n")
        ])
        let other = try await Tool.run(["simulate", "other.yaml", "--layout", "C:1x4"], in: folder)
        #expect(other.code == 65)
        #expect(other.words.contains("engine.sliding_window_kv"), "\(other.words)")
        for (stated, flag) in [("window", "--no-disable-"), ("whole", "--disable-")] {
            let plan = try await answer(
                "sliding_window_kv: \(stated)", "plan", "case.yaml", "-o", "json", "--output",
                "\(stated).json")
            #expect([0, 1, 3].contains(plan.code), "\(plan.words)")
            let export = try await Tool.run(
                ["export", "\(stated).json", "--target", "vllm", "--output", stated], in: folder)
            #expect(export.code == 0, "\(export.words)")
            let place = folder.url.appending(path: stated)
            let script = try FileManager.default.contentsOfDirectory(atPath: place.path).map {
                try String(contentsOfFile: place.appending(path: $0).path, encoding: .utf8)
            }.joined()
            #expect(script.contains(" \(flag)hybrid-kv-cache-manager"), "\(script)")
            let other = stated == "window" ? "--disable-" : "--no-disable-"
            try folder.add([
                "as-planned.sh": .text(script),
                "other.sh": .text(script.replacing(" \(flag)hybrid", with: " \(other)hybrid")),
            ])
            for (file, isDrift) in [("as-planned.sh", false), ("other.sh", true)] {
                let check = try await Tool.run(["check", "\(stated).json", file], in: folder)
                #expect(check.text.contains("sliding_window_kv") == isDrift, "\(check.text)")
            }
        }
    }

    @Test("an engine without a way to hand KV cache over serves co-located alone")
    func collector() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text + "engine: {name: collector}\n")])
        let split = try await Tool.run(
            ["check", "case.yaml", "--layout", "P:1x1,D:1x1"], in: folder)
        #expect(split.code == 1)
        #expect(split.text.contains("no worker hands KV cache to another"), "\(split.text)")
    }

    @Test("unknown words are refused, with those that are known")
    func unknownWord() async throws {
        let folder = try StatedCase.folder(StatedCase.text + "engine: {retention: forever}\n")
        let answer = try await Tool.run(["simulate", "case.yaml"], in: folder)
        #expect(answer.code == 65)
        #expect(answer.words.contains("kept, pinned, discarded"), "\(answer.words)")
    }
}
