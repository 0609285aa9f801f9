import ChildProcesses
import Foundation
import Testing

@Suite("What answers say of builds with slower experts")
struct SlowerExpertsCommandTests {
    private func text(_ model: String, _ gpu: String, _ engine: String, pools: String = "")
        -> String
    {
        """
        apiVersion: ampd-plan/v1
        kind: Case
        name: builds
        model: \(model)
        cluster: {gpu: \(gpu), nodes: 1}
        \(pools)
        engine: \(engine)
        workload: {template: chat, rate_per_s: 0.2}
        slo: {ttft_ms: 4000, itl_ms: 100}
        planning: {horizon_sessions: 20, replications: 1}
        """ + "\n"
    }

    /// Keys and values of the assumptions about slower experts, and where the costs come from.
    private func told(
        _ text: String, layout: String = "C:4x1"
    ) async throws -> (assumptions: [String], costs: String) {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(text)])
        let answer = try await Tool.run(
            [
                "simulate", "case.yaml", "--layout", layout, "-o", "json",
            ], in: folder)
        let document = try JSONSerialization.jsonObject(with: answer.output) as? [String: Any]
        let entries = try #require(
            document?["assumptions"] as? [[String: Any]], "\(answer.words)")
        let found = entries.compactMap { entry -> String? in
            guard let key = entry["key"] as? String, key.hasSuffix("slower_experts") else {
                return nil
            }
            return "\(key) \(entry["value"] ?? "")"
        }
        return (found, answer.words)
    }

    private let build = "{version: \"0.16.0\"}"

    @Test(
        "they are told where decode has them: of that version, in blocks, split between GPUs of Hopper"
    )
    func told() async throws {
        let own = try await told(text("minimax-m2.5", "h200-sxm", build))
        #expect(own.assumptions == ["engine.slower_experts 1.3"])
        for (model, gpu, engine, layout) in [
            ("minimax-m2.5", "h200-sxm", "{version: \"0.18.0\"}", "C:4x1"),
            ("minimax-m2.5", "h200-sxm", "{name: vllm}", "C:4x1"),
            ("minimax-m2.5", "h200-sxm", "{version: \"0.16.0\", slower_experts: \"off\"}", "C:4x1"),
            ("minimax-m2.5", "b200", build, "C:4x1"),
            ("gpt-oss-120b", "h200-sxm", build, "C:4x1"),
            ("minimax-m2.5", "h200-sxm", "{version: \"0.16.0\", expert_parallel: 4}", "C:4x1"),
        ] {
            let other = try await told(text(model, gpu, engine), layout: layout)
            #expect(other.assumptions.isEmpty, "\(model) \(gpu) \(engine)")
        }
    }

    @Test("of several pools it is said which one")
    func pools() async throws {
        func pools(_ phases: String) -> String {
            "pools: [{name: old, gpu: h100-sxm, nodes: 1, phases: \(phases)}]"
        }
        let both = try await told(
            text("minimax-m2.5", "b200", build, pools: pools("both")),
            layout: "P:4x1@b200,D:4x1@old")
        #expect(both.assumptions == ["pools[0].engine.slower_experts 1.3"])
        let ahead = try await told(
            text("minimax-m2.5", "b200", build, pools: pools("prefill")),
            layout: "P:4x1@old,D:4x1@b200")
        #expect(ahead.assumptions.isEmpty)
    }

    @Test("profile cost says so beside where its costs come from")
    func cost() async throws {
        let folder = try Folder()
        func cost(_ version: String) async throws -> (words: String, milliseconds: [Double]) {
            let answer = try await Tool.run(
                [
                    "profile", "cost", "--model", "minimax-m2.5", "--gpu", "h200-sxm", "--tp", "4",
                    "--decode", "16x1000", "--prefill", "0+1000", "--engine-version", version,
                    "-o", "json",
                ], in: folder)
            let rows = try JSONSerialization.jsonObject(with: answer.output) as? [[String: Any]]
            return (
                answer.words, try #require(rows).compactMap { $0["operators_ms"] as? Double }
            )
        }
        let (old, new) = (try await cost("0.16.0"), try await cost("0.18.0"))
        #expect(old.words.contains("vllm 0.15.0 to before 0.17.0"), "\(old.words)")
        #expect(!new.words.contains("0.15.0"))
        // The prompt's step comes first.
        #expect(old.milliseconds[0] == new.milliseconds[0])
        #expect(old.milliseconds[1] > 1.05 * new.milliseconds[1])
    }
}
