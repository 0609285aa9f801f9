import ChildProcesses
import Foundation
import Testing

@Suite("What the engine can run, at the command line")
struct EngineRulesTests {
    private func run(_ arguments: [String], engine: String? = nil) async throws -> Tool.Answer {
        let folder = try Folder()
        let text = engine.map { SmallCase.with("slo:", as: "engine: {\($0)}\nslo:") }
        try folder.add(["case.yaml": .text(text ?? SmallCase.text)])
        return try await Tool.run(arguments, in: folder)
    }

    private func document(_ answer: Tool.Answer) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
    }

    @Test("check fails what the engine refuses, and not what it allows or where nobody asks it")
    func check() async throws {
        let refused = try await run(["check", "case.yaml", "--layout", "P:2x1,D:1x1"])
        #expect(refused.code == 1, "\(refused.words)")
        #expect(refused.text.contains("A013"))
        #expect(refused.text.contains("vllm with NixlConnector refuses prefill workers of TP 2"))
        let allowed = try await run(["check", "case.yaml", "--layout", "P:1x1,D:2x1"])
        #expect(allowed.code == 0, "\(allowed.text)")
        let simulated = try await run(["simulate", "case.yaml", "--layout", "P:2x1,D:1x1"])
        #expect(simulated.code == 0)
        #expect(simulated.words.contains("warning: vllm with NixlConnector refuses"))
    }

    @Test("a plan leaves out what is refused, and with --ignore-engine-rules tells it")
    func plan() async throws {
        let obeying = try document(try await run(["plan", "case.yaml", "-o", "json"]))
        let rejected = try #require(obeying["rejected"] as? [[String: String]])
        #expect(rejected.contains { $0["layout"] == "P:2+D:1" })
        let layouts = try #require(obeying["plans"] as? [[String: Any]])
            .compactMap { $0["layout"] as? String }
        #expect(!layouts.contains { $0.hasPrefix("P:2") && $0.contains("D:1") })
        let answer = try await run([
            "plan", "case.yaml", "--ignore-engine-rules", "--finalists", "20", "-o", "json",
        ])
        #expect(answer.words.contains("warning: engine rules are ignored"))
        let plans = try #require(try document(answer)["plans"] as? [[String: Any]])
        let pair = try #require(plans.first { ($0["layout"] as? String) == "P:2x1,D:1x1" })
        #expect((pair["engine_refuses"] as? [String])?.count == 1)
        #expect(plans.contains { ($0["engine_refuses"] as? [String])?.isEmpty == true })
    }

    /// The small case with experts of 768 columns in blocks, which four GPUs would cut.
    private static func inBlocks(_ more: String = "", tp: String = "[2, 4]") -> String {
        SmallCase.with("llama-3.1-8b", as: "qwen3-30b-a3b\nweight_format: fp8_block")
            .replacing("slo:", with: more + "slo:")
            .replacing("{tp: [1, 2]", with: "{tp: \(tp)")
    }

    @Test("blocks of weights are not cut, unless experts are dealt out or nobody asks the engine")
    func blocks() async throws {
        func answer(_ changes: String = "", tp: String = "[2, 4]") async throws -> Tool.Answer {
            let folder = try Folder()
            try folder.add(["case.yaml": .text(Self.inBlocks(changes, tp: tp))])
            return try await Tool.run(["check", "case.yaml", "--layout", "C:4x1"], in: folder)
        }
        let refused = try await answer()
        #expect(refused.code == 1, "\(refused.words)")
        #expect(refused.text.contains("A012"))
        #expect(
            refused.text.contains("192 of the 768 columns of a routed expert for each GPU"))
        let dealt = try await answer("engine: {expert_parallel: 4}\n")
        #expect(dealt.code == 0, "\(dealt.text)")
        let ignored = try await answer(tp: "[2, 4], engine_rules: ignore")
        #expect(ignored.code == 0, "\(ignored.text)")
        let other = try await answer("engine: {name: trtllm}\n")
        #expect(!other.text.contains("A012"), "\(other.text)")
    }

    @Test(
        "vLLM deals experts out over all GPUs of a worker or none; who does otherwise is asked for it"
    )
    func partlyDealt() async throws {
        func answer(
            _ layout: String, _ engine: String = "", rules: String = ""
        ) async throws -> Tool.Answer {
            let folder = try Folder()
            let text = Self.inBlocks(
                "engine: {expert_parallel: 2\(engine)}\n", tp: "[2, 4]\(rules)"
            ).replacing("weight_format: fp8_block", with: "weight_format: bf16")
            try folder.add(["case.yaml": .text(text)])
            return try await Tool.run(["check", "case.yaml", "--layout", layout], in: folder)
        }
        for layout in ["C:4x1", "C:2dp2ep2x1", "P:4x1,D:2x1"] {
            let refused = try await answer(layout)
            #expect(refused.code == 1, "\(layout): \(refused.words)")
            #expect(refused.text.contains("over all 4 GPUs"), "\(layout): \(refused.text)")
        }
        #expect(!(try await answer("C:2x1")).text.contains("A012"))
        #expect(!(try await answer("C:4x1", ", name: trtllm")).text.contains("A012"))
        let ignored = try await answer("C:4x1", rules: ", engine_rules: ignore")
        #expect(!ignored.text.contains("A012"), "\(ignored.text)")
    }

    @Test("a launch without the flag that deals experts out is another one than the plan's")
    func lostFlag() async throws {
        let folder = try Folder()
        try folder.add([
            "case.yaml": .text(Self.inBlocks("engine: {expert_parallel: 4}\n", tp: "[4]"))
        ])
        let plan = try await Tool.run(
            ["plan", "case.yaml", "-o", "json", "--output", "plan.json"], in: folder)
        #expect([0, 1, 3].contains(plan.code), "\(plan.words)")
        let export = try await Tool.run(
            [
                "export", "plan.json", "--target", "vllm", "--output", "out", "--model-id",
                "Qwen/Qwen3-30B-A3B-FP8",
            ],
            in: folder)
        #expect(export.code == 0, "\(export.words)")
        let place = folder.url.appending(path: "out")
        let script = try FileManager.default.contentsOfDirectory(atPath: place.path).map {
            try String(contentsOfFile: place.appending(path: $0).path, encoding: .utf8)
        }.joined()
        #expect(script.contains("--enable-expert-parallel"))
        try folder.add([
            "kept.sh": .text(script),
            "lost.sh": .text(script.replacing("--enable-expert-parallel", with: "")),
        ])
        let kept = try await Tool.run(["check", "plan.json", "kept.sh"], in: folder)
        #expect(!kept.text.contains("A012") && !kept.text.contains("A050"), "\(kept.text)")
        let lost = try await Tool.run(["check", "plan.json", "lost.sh"], in: folder)
        #expect(lost.code == 1)
        #expect(lost.text.contains("expert_parallel 1 in place of 4"), "\(lost.text)")
        #expect(lost.text.contains("A012"), "\(lost.text)")
        let alone = try await Tool.run(["check", "--case", "case.yaml", "lost.sh"], in: folder)
        #expect(alone.text.contains("A012"), "\(alone.text)")
    }

    @Test("a plan tells which degrees would cut blocks of weights, and takes none of them")
    func degreesThatCut() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(Self.inBlocks())])
        let plan = try document(
            try await Tool.run(["plan", "case.yaml", "-o", "json"], in: folder))
        let rejected = try #require(plan["rejected"] as? [[String: String]])
        #expect(
            rejected.contains {
                $0["layout"] == "tp=4" && $0["reason"]?.contains("no whole blocks of 128") == true
            })
        let layouts = try #require(plan["plans"] as? [[String: Any]])
            .compactMap { $0["layout"] as? String }
        #expect(!layouts.isEmpty && !layouts.contains { $0.contains(":4x") })
    }

    @Test("for an engine without prompts on decode workers the best that it runs stands beside")
    func runnable() async throws {
        let answer = try await run(["plan", "case.yaml", "-o", "json"], engine: "name: sglang")
        let engine = try #require(try document(answer)["engine"] as? [String: Any])
        let runnable = try #require(engine["runnable"] as? [String: Any])
        let changes = try #require(runnable["changes"] as? [[String: String]])
        #expect(changes.map { $0["to"] } == ["always_remote", "prefill_cache"])
        #expect(try #require(runnable["plans"] as? [Any]).isEmpty == false)
        #expect(try document(answer)["verdict"] as? String == runnable["verdict"] as? String)
        let table = try await run(["plan", "case.yaml"], engine: "name: sglang")
        #expect(table.text.contains("With policy.name: always_remote and"))
    }

    @Test("with --runnable commands mean the plans that the engine can run, as it runs them")
    func commands() async throws {
        let folder = try Folder()
        try folder.add([
            "case.yaml": .text(SmallCase.with("slo:", as: "engine: {name: sglang}\nslo:"))
        ])
        let made = try await Tool.run(
            ["plan", "case.yaml", "-o", "json", "--output", "plan.json"], in: folder)
        #expect([0, 1, 3].contains(made.code), "\(made.words)")
        let file = folder.url.appending(path: "plan.json")
        let plan = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
        let engine = try #require(plan?["engine"] as? [String: Any])
        let runnable = try #require(engine["runnable"] as? [String: Any])
        let plans = try #require(runnable["plans"] as? [[String: Any]])
        let place = try #require(
            plans.firstIndex { ($0["layout"] as? String)?.contains("P:") == true })
        // As asked for the engine refuses it; as it runs it the verdict is that of the plan.
        let layout = try #require(plans[place]["layout"] as? String)
        let asked = try await Tool.run(
            ["check", "case.yaml", "--layout", layout, "-o", "json"], in: folder)
        #expect(asked.code == 1 && asked.text.contains("does not prefill on decode workers"))
        let check = try await Tool.run(
            [
                "check", "case.yaml", "plan.json", "--runnable", "--rank", "\(place + 1)", "-o",
                "json",
            ],
            in: folder)
        #expect(check.text.contains("\"\(layout)\""), "\(check.words)")
        let verdict = try #require(
            try JSONSerialization.jsonObject(with: check.output) as? [String: Any])["verdict"]
        #expect(verdict as? String == plans[place]["verdict"] as? String)
        for command in ["explain", "tune"] {
            let answer = try await Tool.run(
                [command, "plan.json", "--runnable", "--rank", "\(place + 1)"], in: folder)
            #expect([0, 1, 3].contains(answer.code), "\(answer.words)")
            #expect(!answer.words.contains("does not prefill on decode workers"))
        }
        try folder.add(["plain.yaml": .text(SmallCase.text)])
        _ = try await Tool.run(
            ["plan", "plain.yaml", "-o", "json", "--output", "plain.json"], in: folder)
        let none = try await Tool.run(
            ["check", "plain.yaml", "plain.json", "--runnable"], in: folder)
        #expect(none.code == 65 && none.words.contains("leave --runnable out"))
    }
}
