import ServingDomain

/// Where the architectures that we can read differ in their `config.json`.
struct ModelArchitecture {
    enum Experts {
        case none
        /// All layers are mixtures and `intermediate_size` is the width of one expert.
        case everyLayer
        /// `decoder_sparse_step` and `mlp_only_layers` choose the layers with a mixture.
        case sparseStep
        /// `first_k_dense_replace` and `moe_layer_freq` choose them; there are shared experts.
        case afterDenseLayers
    }

    enum Window {
        case none
        /// All layers have the window where `sliding_window` is set.
        case everyLayer
        /// `use_sliding_window` and `max_window_layers`, or `layer_types`.
        case optional
        /// `layer_types`, by default every other layer from the first.
        case alternating
    }

    let name: String
    /// Whether some layers have linear attention, and the others a gated output.
    var hybrid = false
    var latent = false
    /// Whether an indexer chooses the tokens that latent attention looks at.
    var sparse = false
    var experts = Experts.none
    var window = Window.none
    /// Bias of query, key and value where `attention_bias` is absent.
    var attentionBias = false
    /// Norm of queries and keys where `use_qk_norm` is absent or true.
    var queryKeyNorm: ModelSpec.QueryKeyNorm?

    static let all: [Self] = [
        Self(name: "LlamaForCausalLM"),
        Self(name: "Qwen2ForCausalLM", window: .optional, attentionBias: true),
        Self(name: "Qwen3ForCausalLM", window: .optional, queryKeyNorm: .perHead),
        Self(
            name: "Qwen3NextForCausalLM", hybrid: true, experts: .sparseStep,
            queryKeyNorm: .perHead),
        Self(
            name: "Qwen3_5MoeForConditionalGeneration", hybrid: true, experts: .sparseStep,
            queryKeyNorm: .perHead),
        Self(
            name: "Qwen3_5ForConditionalGeneration", hybrid: true, queryKeyNorm: .perHead),
        Self(name: "MixtralForCausalLM", experts: .everyLayer, window: .everyLayer),
        Self(
            name: "Qwen3MoeForCausalLM", experts: .sparseStep, window: .optional,
            queryKeyNorm: .perHead),
        Self(
            name: "MiniMaxM2ForCausalLM", experts: .everyLayer, queryKeyNorm: .acrossHeads),
        Self(
            name: "GptOssForCausalLM", experts: .everyLayer, window: .alternating,
            attentionBias: true),
        Self(name: "DeepseekV3ForCausalLM", latent: true, experts: .afterDenseLayers),
        Self(
            name: "DeepseekV32ForCausalLM", latent: true, sparse: true,
            experts: .afterDenseLayers),
        Self(
            name: "GlmMoeDsaForCausalLM", latent: true, sparse: true, experts: .afterDenseLayers),
        Self(
            name: "KimiK25ForConditionalGeneration", latent: true, experts: .afterDenseLayers),
        Self(
            name: "Glm4MoeForCausalLM", experts: .afterDenseLayers, attentionBias: true,
            queryKeyNorm: .perHead),
        Self(name: "MistralForCausalLM", window: .everyLayer),
    ]

    static func named(_ name: String, at place: SourcePlace) throws(CatalogError) -> Self {
        guard let match = all.first(where: { $0.name == name }) else {
            throw .unknownArchitecture(at: place, name: name, known: all.map(\.name))
        }
        return match
    }
}
