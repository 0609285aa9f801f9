import ChildProcesses
import Foundation
import Testing

@Suite("Formats of weights by the names that they are published under")
struct WeightFormatTests {
    /// The small case with another model in the place of its own.
    private func folder(_ model: String, _ more: [String: String] = [:]) throws -> Folder {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.with("llama-3.1-8b", as: model))])
        for (path, text) in more { try folder.add([path: .text(text)]) }
        return folder
    }

    private func document(_ answer: Tool.Answer) throws -> [String: Any] {
        try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any],
            "\(answer.words)")
    }

    private func planned(_ model: String) async throws -> Folder {
        let folder = try folder(model)
        let plan = try await Tool.run(["plan", "case.yaml", "-o", "json"], in: folder)
        try folder.add(["plan.json": .text(plan.text)])
        return folder
    }

    private func export(_ options: [String], in folder: Folder) async throws -> Tool.Answer {
        try await Tool.run(
            ["export", "plan.json", "--target", "vllm", "--force", "--output", "out"] + options,
            in: folder)
    }

    @Test("the case keeps the name, and an export serves it without a flag")
    func exported() async throws {
        let folder = try await planned("RedHatAI/Llama-3.1-8B-NVFP4")
        let answer = try await export([], in: folder)
        #expect(answer.code == 0, "\(answer.words)")
        let names = try FileManager.default.contentsOfDirectory(
            atPath: folder.url.appending(path: "out").path)
        let scripts = try names.map { try folder.text("out/" + $0) }.joined()
        #expect(scripts.contains("vllm serve RedHatAI/Llama-3.1-8B-NVFP4"))
        #expect(!scripts.contains("--quantization"))
        let checked = try await Tool.run(
            ["check", "out", "plan.json", "-o", "json"], in: folder)
        #expect(!checked.text.contains("A050"), "\(checked.text.prefix(600))")
    }

    @Test("weights that are named in another format than was planned are refused")
    func contradicted() async throws {
        let folder = try await planned("RedHatAI/Llama-3.1-8B-NVFP4")
        for (name, format) in [
            ("meta-llama/Llama-3.1-8B", "bf16"), ("x/Llama-3.1-8B-AWQ", "int4"),
        ] {
            let answer = try await export(["--model-id", name], in: folder)
            #expect(answer.code != 0 && answer.words.contains("published in \(format)"))
        }
        for path in ["/models/mine", "/models/llama-bf16"] {
            #expect(try await export(["--model-id", path], in: folder).code == 0)
        }
    }

    @Test("a launch of other weights is a difference from the plan, whatever an option says")
    func drifts() async throws {
        let folder = try await planned("RedHatAI/Llama-3.1-8B-NVFP4")
        func findings(_ words: String) async throws -> String {
            try folder.add(["run.sh": .text("vllm serve \(words)\n")])
            return try await Tool.run(
                ["check", "run.sh", "plan.json", "-o", "json"], in: folder
            ).text
        }
        #expect(try await findings("meta-llama/Llama-3.1-8B").contains("weights in bf16 in place"))
        // No option makes four bits of other weights.
        #expect(
            try await findings("meta-llama/Llama-3.1-8B --quantization awq")
                .contains("weights in bf16 in place"))
        #expect(try await findings("x/Llama-3.1-8B-AWQ").contains("weights in int4 in place"))
        #expect(!(try await findings("x/Llama-3.1-8B-FP4").contains("weights in")))
        for path in ["/models/mine", "/models/Llama-3.1-8B-BF16", "./Llama-3.1-8B-AWQ/"] {
            #expect(!(try await findings(path).contains("weights in")), "\(path)")
        }
        #expect(try await findings("/models/mine --quantization int3").contains("A054"))
    }

    @Test("a file tells its own format, whatever its folder is called")
    func files() async throws {
        let config = """
            {"architectures": ["LlamaForCausalLM"], "num_hidden_layers": 2, "hidden_size": 256,
             "num_attention_heads": 8, "intermediate_size": 512, "vocab_size": 1000,
             "max_position_embeddings": 8192,
             "quantization_config": {"quant_method": "awq", "bits": 4}}
            """
        let folder = try folder("x", [:])
        let inner = folder.url.appending(path: "m/Foo-BF16")
        try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
        try Data(config.utf8).write(to: inner.appending(path: "config.json"))
        for path in ["m/Foo-BF16", "m/Foo-BF16/", "m/Foo-BF16/config.json"] {
            let answer = try await Tool.run(
                ["profile", "operators", "--model", path, "--tp", "1", "-o", "csv"], in: folder)
            #expect(answer.text.contains("gemm,int4"), "\(answer.words)")
        }
    }

    @Test("measurements take the format from the name where they state none")
    func measured() async throws {
        let head = "id,model,gpu,engine,isl,osl,ttft_ms,tpot_ms,concurrency,tp_size,precision\n"
        func row(_ id: String, _ model: String, _ precision: String) -> String {
            "\(id),\(model),b200,vllm,1024,128,50,5,4,1,\(precision)\n"
        }
        let folder = try folder(
            "x",
            [
                "m.csv": head + row("a", "nvidia/Qwen3-32B-NVFP4", "")
                    + row("b", "Qwen/Qwen3-32B", "nvfp4") + row("c", "Qwen/Qwen3-32B", "")
            ])
        let answer = try await Tool.run(
            ["validate", "--measured", "m.csv", "-o", "json"], in: folder)
        let rows = try #require(try document(answer)["rows"] as? [[String: Any]])
        let times = rows.compactMap { $0["predicted_tpot_ms"] as? Double }
        #expect(times.count == 3)
        #expect(times[0] == times[1] && times[0] < 0.6 * times[2])
    }

    @Test("nodes of several trays of a rack are planned with a warning, and not exported")
    func trays() async throws {
        let rack = SmallCase.with("h200-sxm", as: "gb200")
            .replacing("gpus_per_node: 4", with: "gpus_per_node: 8")
        let folder = try Folder()
        try folder.add(["case.yaml": .text(rack)])
        let plan = try await Tool.run(["plan", "case.yaml", "-o", "json"], in: folder)
        #expect(plan.words.contains("a tray of gb200"), "\(plan.words)")
        try folder.add(["plan.json": .text(plan.text)])
        let answer = try await export([], in: folder)
        #expect(answer.code != 0 && answer.words.contains("several trays of 4"), "\(answer.words)")
    }
}
