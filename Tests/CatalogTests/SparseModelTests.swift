import Catalog
import Foundation
import ServingDomain
import Testing

@Suite("Configurations with an indexer")
struct SparseModelTests {
    private func model(_ changes: [String: String]) throws -> ModelSpec {
        var fields = [
            "architectures": "[\"DeepseekV32ForCausalLM\"]", "num_hidden_layers": "4",
            "hidden_size": "256", "num_attention_heads": "8", "intermediate_size": "512",
            "vocab_size": "1000", "max_position_embeddings": "2048", "q_lora_rank": "64",
            "kv_lora_rank": "128", "qk_nope_head_dim": "32", "qk_rope_head_dim": "16",
            "v_head_dim": "32", "n_routed_experts": "4", "num_experts_per_tok": "2",
            "moe_intermediate_size": "64", "first_k_dense_replace": "1", "index_n_heads": "4",
            "index_head_dim": "64", "index_topk": "512",
        ]
        fields.merge(changes) { $1 }
        let lines = fields.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
            .map { "\($0.key): \($0.value)" }
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("sparse-\(UUID().uuidString).yaml")
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try CaseSample.catalog().model(named: file.path)
    }

    private func sparse(_ changes: [String: String] = [:]) throws -> SparseAttention? {
        guard case .latent(let latent) = try model(changes).attention else { return nil }
        return latent.sparse
    }

    @Test("every layer has an indexer, unless some share one")
    func layers() throws {
        #expect(
            try sparse() == SparseAttention(tokens: 512, heads: 4, dimension: 64, layers: 4))
        #expect(try sparse(["indexer_types": "[full, shared, full, shared]"])?.layers == 2)
        #expect(try sparse(["architectures": "[DeepseekV3ForCausalLM]"]) == nil)
    }

    @Test("listed kinds of blocks count before the first dense ones")
    func blocks() throws {
        #expect(try model([:]).mixture?.denseLayers == 1)
        let listed = try model(["mlp_layer_types": "[dense, dense, sparse, sparse]"])
        #expect(listed.mixture?.denseLayers == 2)
    }

    @Test(
        "what cannot be is refused by its field",
        arguments: [
            ("index_topk", ""), ("index_n_heads", "0"), ("index_head_dim", "x"),
            ("mlp_layer_types", "[dense]"), ("mlp_layer_types", "[dense, dense, dense, odd]"),
            ("indexer_types", "[full]"), ("indexer_types", "[shared, shared, shared, shared]"),
        ])
    func refused(field: String, value: String) {
        do {
            _ = try model([field: value])
            Issue.record("not refused")
        } catch {
            #expect("\(error)".contains(field), "\(error)")
        }
    }

    @Test(
        "GLM-5 has 744 billion parameters, 40 of them for a token, and keys of 132 bytes beside its latents"
    )
    func glm() throws {
        let model = try CaseSample.catalog().model(named: "zai-org/GLM-5")
        #expect(abs(Double(model.parameterCount) / 1e9 - 744) < 1)
        // Without the input embedding, as models are named.
        let active = model.activeParameterCount - model.vocabulary * model.hidden
        #expect(abs(Double(active) / 1e9 - 40) < 1)
        #expect(model.kvBytesPerToken(.bf16).value == 78 * (576 * 2 + 132))
        #expect(model.kvBytesPerToken(.fp8).value == 78 * (576 + 132))
        #expect(model.mixture?.denseLayers == 3)
    }
}
