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
        #expect(refused.text.contains("engine"))
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
}
