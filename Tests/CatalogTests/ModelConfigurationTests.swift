import Catalog
import Foundation
import ServingDomain
import Testing

@Suite("A Hugging Face config.json")
struct ModelConfigurationTests {
    /// Reads `text` as the file `tiny/config.json` of a fresh folder.
    private func model(_ text: String) throws -> ModelSpec {
        let root = FileManager.default.temporaryDirectory
            .appendingPathComponent("catalog-\(UUID().uuidString)")
        let folder = root.appendingPathComponent("tiny")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        let file = folder.appendingPathComponent("config.json")
        try Data(text.utf8).write(to: file)
        return try CaseSample.catalog().model(named: file.path)
    }

    private func json(_ architecture: String, _ changes: [String: String] = [:]) -> String {
        var fields = [
            "architectures": "[\"\(architecture)\"]", "num_hidden_layers": "4",
            "hidden_size": "256", "num_attention_heads": "8", "intermediate_size": "512",
            "vocab_size": "1000", "max_position_embeddings": "2048", "rms_norm_eps": "1e-06",
            "pad_token_id": "null", "model_type": "\"x\"",
        ]
        fields.merge(changes) { $1 }
        let lines = fields.sorted { $0.key < $1.key }.map { "  \"\($0.key)\": \($0.value)" }
        return "{\n" + lines.joined(separator: ",\n") + "\n}\n"
    }

    private func refusal(_ text: String) -> CatalogError? {
        #expect(throws: CatalogError.self) { try model(text) }
    }

    @Test("takes its name from the folder and fills in heads and head dimension")
    func defaults() throws {
        let model = try model(json("LlamaForCausalLM"))
        #expect(model.name == "tiny")
        #expect(model.attention == .grouped(heads: 8, kvHeads: 8, headDimension: 32))
        #expect(!model.tiedEmbeddings && !model.hasAttentionBias)
        #expect(model.mixture == nil && model.intermediate == 512)
    }

    @Test("may be written on one line, as transformers never does")
    func oneLine() throws {
        let text = json("LlamaForCausalLM").replacing("\n", with: "").replacing("  ", with: "")
        #expect(try model(text).layers == 4)
    }

    @Test("may indent with tabs, as JSON allows")
    func tabs() throws {
        #expect(try model(json("LlamaForCausalLM").replacing("  ", with: "\t")).layers == 4)
    }

    @Test("a sliding window of Qwen2 counts only where it is switched on")
    func qwenWindow() throws {
        let window = ["sliding_window": "128", "max_window_layers": "1"]
        #expect(try model(json("Qwen2ForCausalLM", window)).slidingWindow == nil)
        let on = window.merging(["use_sliding_window": "true"]) { $1 }
        #expect(
            try model(json("Qwen2ForCausalLM", on)).slidingWindow == .init(tokens: 128, layers: 3))
    }

    @Test("Qwen2 has a bias on query, key and value without saying so")
    func qwenBias() throws {
        #expect(try model(json("Qwen2ForCausalLM")).hasAttentionBias)
        #expect(try !model(json("Qwen3ForCausalLM")).hasAttentionBias)
        #expect(try model(json("Qwen3ForCausalLM")).queryKeyNorm == .perHead)
    }

    @Test(
        "queries and keys are normalised as the architecture does, unless the file says otherwise")
    func queryKeyNorm() throws {
        func norm(_ architecture: String, _ more: [String: String] = [:]) throws
            -> ModelSpec.QueryKeyNorm?
        {
            try model(json(architecture, more)).queryKeyNorm
        }
        #expect(try norm("LlamaForCausalLM") == nil)
        #expect(try norm("Qwen3ForCausalLM", ["use_qk_norm": "false"]) == nil)
        #expect(try norm("Qwen3ForCausalLM", ["qk_norm_type": "\"per_layer\""]) == .acrossHeads)
        #expect(try norm("LlamaForCausalLM", ["use_qk_norm": "true"]) == .perHead)
        #expect(throws: CatalogError.self) {
            try norm("Qwen3ForCausalLM", ["qk_norm_type": "\"odd\""])
        }
        #expect(try Catalog().model(named: "minimax-m2.5").queryKeyNorm == .acrossHeads)
    }

    @Test("sparse steps and listed layers keep the dense block")
    func sparseSteps() throws {
        let experts = [
            "num_experts": "4", "num_experts_per_tok": "2", "moe_intermediate_size": "64",
            "decoder_sparse_step": "2", "mlp_only_layers": "[3]",
        ]
        let model = try model(json("Qwen3MoeForCausalLM", experts))
        #expect(model.mixture?.denseLayers == 3)
        #expect(model.intermediate == 512)
    }

    @Test("a nested text_config is read instead of its surroundings")
    func textConfig() throws {
        let inner = json("LlamaForCausalLM")
        #expect(try model("{\"text_config\": \(inner), \"vision\": {}}").layers == 4)
    }

    @Test("an unknown architecture is refused by name, with the known ones")
    func architecture() {
        guard
            case .unknownArchitecture(let place, "MambaForCausalLM", let known)? =
                refusal(json("MambaForCausalLM"))
        else {
            Issue.record("not refused")
            return
        }
        #expect(place.line == 2)
        #expect(known.contains("LlamaForCausalLM") && known.count == 16)
    }

    @Test(
        "an absurd field is refused with file, line, field and what was found",
        arguments: [
            ("num_attention_heads", "0", 7), ("hidden_size", "1e18", 3),
            ("num_hidden_layers", "\"4\"", 8), ("vocab_size", "-1", 11),
            ("max_position_embeddings", "true", 5), ("hidden_size", "[1]", 3),
            ("vocab_size", "99999999999999999999999", 11), ("num_key_value_heads", "3", 9),
            ("head_dim", "0.5", 3), ("tie_word_embeddings", "1", 11),
        ])
    func absurd(field: String, value: String, line: Int) {
        let error = refusal(json("LlamaForCausalLM", [field: value]))
        guard case .invalid(let place, let named, let found, let expected)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(named == field && place.line == line, "\(place) \(named)")
        #expect(place.file.hasSuffix("tiny/config.json"))
        #expect(!found.isEmpty && !expected.isEmpty)
    }

    @Test("a missing field is named")
    func missing() {
        guard
            case .missing(_, "vocab_size", _)? =
                refusal(json("LlamaForCausalLM", ["vocab_size": "null"]))
        else {
            Issue.record("not refused")
            return
        }
    }

    @Test("a quantisation that we cannot size is refused, not taken for bf16")
    func quantisation() {
        let error = refusal(
            json(
                "LlamaForCausalLM", ["quantization_config": "{\"quant_method\": \"bitsandbytes\"}"])
        )
        guard case .invalid(_, "quantization_config.quant_method", _, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("head dimension must be given where hidden size over heads is not whole")
    func headDimension() {
        guard
            case .missing(_, "head_dim", _)? = refusal(
                json("LlamaForCausalLM", ["hidden_size": "257"]))
        else {
            Issue.record("not refused")
            return
        }
    }

    @Test("the largest accepted fields do not overflow")
    func largest() throws {
        let huge = [
            "num_hidden_layers": "1000", "hidden_size": "131072", "num_attention_heads": "1024",
            "intermediate_size": "1000000", "num_local_experts": "4096",
            "num_experts_per_tok": "4096", "vocab_size": "10000000", "head_dim": "1024",
        ]
        let model = try model(json("MixtralForCausalLM", huge))
        #expect(model.parameterCount > 1 << 60)
        #expect(model.weightBytes(.bf16).value > model.parameterCount)
    }
}
