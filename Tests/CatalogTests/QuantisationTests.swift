import Catalog
import Foundation
import ServingDomain
import Testing

@Suite("How a checkpoint stores its weights")
struct QuantisationTests {
    /// A mixture with latent attention and shared experts, whose file has this `quantization_config`.
    private func model(_ quantisation: String) throws -> ModelSpec {
        let root = FileManager.default.temporaryDirectory
            .appendingPathComponent("quantisation-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        let file = root.appendingPathComponent("config.json")
        try Data(
            """
            {"architectures": ["DeepseekV3ForCausalLM"], "num_hidden_layers": 2, "hidden_size": 256,
             "num_attention_heads": 8, "intermediate_size": 512, "vocab_size": 1000,
             "max_position_embeddings": 2048, "q_lora_rank": 64, "kv_lora_rank": 64,
             "qk_nope_head_dim": 16, "qk_rope_head_dim": 16, "v_head_dim": 16,
             "n_routed_experts": 4, "n_shared_experts": 1, "num_experts_per_tok": 2,
             "moe_intermediate_size": 128, "first_k_dense_replace": 1,
             "quantization_config": {\(quantisation)}}
            """.utf8
        ).write(to: file)
        return try CaseSample.catalog().model(named: file.path)
    }

    private func group(_ weights: String) -> String {
        "\"quant_method\": \"compressed-tensors\", \"config_groups\": {\"group_0\": {\"weights\": {\(weights)}}}"
    }

    @Test(
        "every spelling is read as the format that it means",
        arguments: [
            ("\"quant_method\": \"fp8\"", NumberFormat.fp8),
            ("\"quant_method\": \"fp8\", \"weight_block_size\": [128, 128]", .fp8Block),
            ("\"quant_method\": \"mxfp4\"", .mxfp4),
            ("\"quant_method\": \"awq\", \"bits\": 4, \"group_size\": 128", .int4),
            ("\"quant_method\": \"gptq\", \"bits\": 4", .int4),
            ("\"quant_method\": \"modelopt\", \"quant_algo\": \"NVFP4\"", .nvfp4),
            ("\"quant_method\": \"modelopt\", \"quant_algo\": \"FP8\"", .fp8),
        ])
    func methods(_ text: String, _ format: NumberFormat) throws {
        #expect(try model(text).nativeFormat == format)
        // AWQ and GPTQ convert everything that they do not list.
        let parts = format == .int4 ? Set(ModelSpec.MatrixPart.allCases) : nil
        #expect(try model(text).quantisedParts == parts)
    }

    @Test(
        "groups of compressed tensors are read by width, type and size",
        arguments: [
            ("\"num_bits\": 4, \"type\": \"int\", \"group_size\": 32", NumberFormat.int4),
            ("\"num_bits\": 4, \"type\": \"float\", \"group_size\": 16", .nvfp4),
            ("\"num_bits\": 4, \"type\": \"float\", \"group_size\": 32", .mxfp4),
            ("\"num_bits\": 8, \"type\": \"float\", \"strategy\": \"channel\"", .fp8),
            ("\"num_bits\": 8, \"type\": \"float\", \"strategy\": \"block\"", .fp8Block),
        ])
    func groups(_ weights: String, _ format: NumberFormat) throws {
        #expect(try model(group(weights)).nativeFormat == format)
    }

    @Test(
        "what cannot be sized is refused at the field that says it",
        arguments: [
            ("\"quant_method\": \"gptq\", \"bits\": 8", "quantization_config.bits"),
            (
                "\"quant_method\": \"gptq\", \"bits\": 4, \"dynamic\": {\"-:.*self_attn.*\": {}}",
                "quantization_config.dynamic"
            ),
            (
                "\"quant_method\": \"mxfp4\", \"ignore\": \"lm_head\"",
                "quantization_config.ignore"
            ),
            (
                "\"quant_method\": \"mxfp4\", \"ignore\": [\"re:.*mlp.experts.*\"]",
                "quantization_config.ignore"
            ),
            ("\"quant_method\": \"mxfp4\", \"ignore\": [\"*\"]", "quantization_config.ignore"),
            (
                "\"quant_method\": \"mxfp4\", \"ignore\": [\"re:.*layers.[01].self_attn.*\"]",
                "quantization_config.ignore"
            ),
            (
                "\"quant_method\": \"compressed-tensors\", \"config_groups\": {\"g\": {\"targets\": "
                    + "[\"re:.*self_attn.*\"], \"weights\": {\"num_bits\": 4}}}",
                "quantization_config.config_groups"
            ),
            (
                "\"quant_method\": \"modelopt\", \"quant_algo\": \"W4A8_AWQ\"",
                "quantization_config.quant_algo"
            ),
            (
                "\"quant_method\": \"compressed-tensors\", \"config_groups\": {}",
                "quantization_config.config_groups"
            ),
            (
                "\"quant_method\": \"compressed-tensors\", \"config_groups\": {\"g\": {\"weights\": "
                    + "{\"num_bits\": 8, \"type\": \"int\"}}}",
                "quantization_config.config_groups.g.weights.num_bits"
            ),
        ])
    func refused(_ text: String, _ field: String) {
        let error = #expect(throws: CatalogError.self) { try model(text) }
        guard case .invalid(_, let named, _, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(named == field)
    }

    @Test(
        "modules that are left out stay in 16 bits where they are all of a part",
        arguments: [
            (
                #"["lm_head", "re:.*self_attn.*", "re:.*shared_experts.*", "re:.*mlp\\.(gate|up|gate_up|down)_proj.*"]"#,
                [ModelSpec.MatrixPart]()
            ),
            (
                #"["model.layers.*.self_attn", "model.layers.*.mlp.router", "lm_head"]"#,
                [.feedForward]
            ),
            (#"["model.layers.0.self_attn*", "model.layers.1.self_attn*"]"#, [.feedForward]),
            (#"["model.layers.0.self_attn*"]"#, [.attention, .feedForward]),
            (
                #"["gate", "e_score_correction_bias", "*shared_expert_gate"]"#,
                [.attention, .feedForward]
            ),
            (#"["model.layers.*.self_attn.q_a_proj"]"#, [.attention, .feedForward]),
            (#"["model.layers.*.self_attn.o_proj"]"#, [.feedForward]),
            (#"["re:model\\.layers\\.[0-9]+\\.self_attn.*"]"#, [.feedForward]),
            (#"["re:.*self_attn\\.(q|k|v|o)_proj"]"#, [.feedForward]),
            (#"["re:.*self_attn\\..*_proj", "re:vision_model.*mlp.*"]"#, [.feedForward]),
            (#"["model.layers.1.mlp.shared_experts"]"#, [.attention]),
            (#"["", "re:.*self_attn.*"]"#, [.feedForward]),
            // A layer for several tokens at once comes behind the last one.
            (#"["model.layers.2*", "mtp*", "model.layers.0.mlp"]"#, [.attention, .feedForward]),
        ])
    func leftOut(_ list: String, _ parts: [ModelSpec.MatrixPart]) throws {
        let model = try model(
            "\"quant_method\": \"mxfp4\", \"modules_to_not_convert\": \(list)")
        #expect(model.quantisedParts == Set(parts))
        for part in ModelSpec.MatrixPart.allCases {
            let isQuantised = parts.contains(part)
            #expect(model.format(of: part, in: .mxfp4) == (isQuantised ? .mxfp4 : .bf16))
        }
        // What the published weights say holds of no other weights.
        #expect(model.format(of: .attention, in: .fp8) == .fp8)
        #expect(model.format(of: .attention, in: .nvfp4) == .bf16)
        #expect(model.format(of: .feedForward, in: .nvfp4) == .nvfp4)
    }

    @Test("lists are added up, and a group that names its modules takes no others")
    func lists() throws {
        let two = try model(
            "\"quant_method\": \"fp8\", \"ignored_layers\": [\"re:.*self_attn.*\"], "
                + "\"modules_to_not_convert\": [\"re:.*shared_experts.*\"]")
        #expect(two.quantisedParts == [])
        let named = try model(
            "\"quant_method\": \"compressed-tensors\", \"config_groups\": {\"g\": {\"targets\": "
                + "[\"re:.*mlp.*\"], \"weights\": {\"num_bits\": 4, \"type\": \"int\"}}}")
        #expect(named.quantisedParts == [.feedForward])
        let all = try model(
            "\"quant_method\": \"compressed-tensors\", \"config_groups\": {\"g\": {\"targets\": "
                + "[\"Linear\"], \"weights\": {\"num_bits\": 4, \"type\": \"int\"}}}")
        #expect(all.quantisedParts == nil)
    }

    @Test("weights of four bits reach as much of a model as published ones do")
    func sizes() throws {
        let catalog = try Catalog()
        func gigabytes(_ name: String, _ format: NumberFormat) throws -> Double {
            Double(try catalog.model(named: name).weightBytes(format).value) / 1e9
        }
        // 1.03 trillion parameters, of which 1,015 billion are those of routed experts.
        #expect(abs(try gigabytes("kimi-k2.5", .int4) - 594) < 2)
        #expect(try catalog.model(named: "kimi-k2.5").quantisedParts == [])
        // 32.8 billion, 1.6 of them embeddings and LM head.
        #expect(abs(try gigabytes("qwen3-32b", .nvfp4) - 20.7) < 0.1)
        #expect(try gigabytes("qwen3-32b", .nvfp4) == gigabytes("qwen3-32b", .int4))
        // Attention of DeepSeek-V3 is left in 16 bits, and has 11 billion of 671.
        let bare = 671.0 * 0.5625
        #expect(abs(try gigabytes("deepseek-v3", .nvfp4) - bare - 11.4 * (2 - 0.5625) - 2.7) < 2)
    }

    @Test(
        "a name that ends in a format is that of the model, with such weights",
        arguments: [
            ("nvidia/Qwen3-32B-NVFP4", "qwen3-32b", NumberFormat.nvfp4),
            ("Qwen/Qwen3-32B-AWQ", "qwen3-32b", .int4),
            ("qwen/qwen3-32b-gptq-int4", "qwen3-32b", .int4),
            ("Qwen/Qwen3-32B-FP8", "qwen3-32b", .fp8Block),
            ("RedHatAI/Qwen3-32B-FP8-dynamic", "qwen3-32b", .fp8),
            ("nvidia/Qwen3-32B-FP8", "qwen3-32b", .fp8), ("qwen3-32b-fp8", "qwen3-32b", .fp8Block),
            ("nvidia/DeepSeek-R1-FP4", "deepseek-v3", .nvfp4),
            ("unsloth/gpt-oss-120b-BF16", "gpt-oss-120b", .bf16),
            ("moonshotai/Kimi-K2.5", "kimi-k2.5", .int4),
        ])
    func names(_ name: String, _ model: String, _ format: NumberFormat) throws {
        let found = try Catalog().model(named: name)
        #expect(found.name == model)
        #expect(found.format(named: name) == format)
    }

    @Test("what is nothing but a format, or no model without it, is not known")
    func unknownNames() throws {
        for name in [
            "-FP8", "nvidia/Nothing-NVFP4", "qwen3-32b-int5", "./no/such/Qwen3-32B-AWQ",
            "/no/Qwen3-32B-AWQ",
        ] {
            #expect(throws: CatalogError.self) { try Catalog().model(named: name) }
        }
    }
}
