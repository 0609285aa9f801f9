import ServingDomain

/// The fields of a Hugging Face `config.json`, read into a model.
///
/// Bounds are far beyond any published model, and low enough that no product of them overflows.
struct ModelConfiguration {
    let name: String
    let fields: Fields
    let architecture: ModelArchitecture
    let layers: Int
    private let heads: Int
    /// Where the text model says nothing of its own, what surrounds it does.
    private let stored: Fields?

    init(name: String, _ outer: Fields) throws(CatalogError) {
        let inner = try outer.section("text_config") ?? outer
        let namesArchitecture = inner.value("architectures") != nil
        let source = namesArchitecture ? inner : outer
        let expected =
            "a list with one of " + ModelArchitecture.all.map(\.name).joined(separator: ", ")
        guard let list = source.value("architectures") else {
            throw source.missing("architectures", expected)
        }
        guard let first = list.elements?.first?.text else {
            throw source.invalid("architectures", expected: expected)
        }
        architecture = try ModelArchitecture.named(first, at: list.place)
        fields = inner
        layers = try inner.integer("num_hidden_layers", in: 1...1000)
        heads = try inner.integer("num_attention_heads", in: 1...1024)
        let own = try inner.section("quantization_config")
        stored = try own == nil ? outer.section("quantization_config") : own
        self.name = name
    }

    func model() throws(CatalogError) -> ModelSpec {
        let mixture = try mixture()
        let quantisation = try quantisation(mixture)
        let everyLayerIsMixture = mixture.map { $0.denseLayers == 0 } ?? false
        let intermediate = everyLayerIsMixture ? 0 : try width("intermediate_size")
        return ModelSpec(
            name: name, architecture: architecture.name, layers: layers, hidden: try hidden(),
            attention: try attention(), intermediate: intermediate, mixture: mixture,
            vocabulary: try fields.integer("vocab_size", in: 1...10_000_000),
            tiedEmbeddings: try fields.flag("tie_word_embeddings", default: false),
            queryKeyNorm: try queryKeyNorm(), hasAttentionBias: try attentionBias(),
            slidingWindow: try slidingWindow(), linearAttention: try linearAttention(),
            hasOutputGate: try fields.flag("attn_output_gate", default: architecture.hybrid),
            maxContext: Tokens(
                try fields.integer("max_position_embeddings", in: 1...1_000_000_000)),
            nativeFormat: quantisation?.format ?? .bf16, quantisedParts: quantisation?.parts)
    }

    private func quantisation(
        _ mixture: ModelSpec.Mixture?
    ) throws(CatalogError) -> WeightQuantisation? {
        guard let stored else { return nil }
        let mixtures = mixture.map { layers - $0.denseLayers } ?? 0
        return try WeightQuantisation(stored, layers: (layers, mixtures))
    }

    private func hidden() throws(CatalogError) -> Int {
        try fields.integer("hidden_size", in: 1...131_072)
    }

    private func width(_ key: String) throws(CatalogError) -> Int {
        try fields.integer(key, in: 1...1_000_000)
    }

    private func attention() throws(CatalogError) -> ModelSpec.Attention {
        guard !architecture.latent else { return .latent(try latentAttention()) }
        let kvHeads = try fields.integer("num_key_value_heads", in: 1...heads, default: heads)
        guard heads.isMultiple(of: kvHeads) else {
            throw fields.invalid(
                "num_key_value_heads", expected: "a divisor of num_attention_heads (\(heads))")
        }
        return .grouped(heads: heads, kvHeads: kvHeads, headDimension: try headDimension())
    }

    private func headDimension() throws(CatalogError) -> Int {
        if fields.value("head_dim") != nil { return try fields.integer("head_dim", in: 1...1024) }
        let hidden = try hidden()
        guard hidden.isMultiple(of: heads), (1...1024).contains(hidden / heads) else {
            throw fields.missing(
                "head_dim", "it, since hidden_size \(hidden) over \(heads) heads is not whole")
        }
        return hidden / heads
    }

    private func latentAttention() throws(CatalogError) -> ModelSpec.LatentAttention {
        ModelSpec.LatentAttention(
            heads: heads,
            queryRank: try fields.integer("q_lora_rank", in: 1...65_536),
            kvRank: try fields.integer("kv_lora_rank", in: 1...65_536),
            nopeDimension: try fields.integer("qk_nope_head_dim", in: 1...1024),
            ropeDimension: try fields.integer("qk_rope_head_dim", in: 1...1024),
            valueDimension: try fields.integer("v_head_dim", in: 1...1024),
            sparse: try sparseAttention())
    }

    private func sparseAttention() throws(CatalogError) -> SparseAttention? {
        guard architecture.sparse else { return nil }
        return SparseAttention(
            tokens: try fields.integer("index_topk", in: 1...1_000_000),
            heads: try fields.integer("index_n_heads", in: 1...1024),
            dimension: try fields.integer("index_head_dim", in: 2...1024),
            layers: try indexedLayers())
    }

    /// Layers with an indexer of their own, of `indexer_types` where there are some: all but those that share one.
    private func indexedLayers() throws(CatalogError) -> Int {
        let types = try fields.texts("indexer_types")
        guard !types.isEmpty else { return layers }
        let own = types.count { $0 != "shared" }
        guard types.count == layers, own > 0 else {
            throw fields.invalid(
                "indexer_types",
                expected: "one entry for each of \(layers) layers, at least one of them full")
        }
        return own
    }

    private func queryKeyNorm() throws(CatalogError) -> ModelSpec.QueryKeyNorm? {
        let usual = architecture.queryKeyNorm
        guard try fields.flag("use_qk_norm", default: usual != nil) else { return nil }
        switch try fields.text("qk_norm_type", default: "") {
        case "per_layer": return .acrossHeads
        case "per_head": return .perHead
        case "": return usual ?? .perHead
        default:
            throw fields.invalid("qk_norm_type", expected: "per_layer or per_head")
        }
    }

    private func attentionBias() throws(CatalogError) -> Bool {
        try fields.flag("attention_bias", default: architecture.attentionBias)
    }

}

/// Mixtures of experts.
extension ModelConfiguration {
    private func mixture() throws(CatalogError) -> ModelSpec.Mixture? {
        switch architecture.experts {
        case .none:
            return nil
        case .everyLayer:
            return try mixture(
                count: "num_local_experts", width: "intermediate_size", denseLayers: 0)
        case .sparseStep:
            let dense = try sparseStepDenseLayers()
            guard dense < layers else { return nil }
            return try mixture(
                count: "num_experts", width: "moe_intermediate_size", denseLayers: dense)
        case .afterDenseLayers:
            let dense = try denseLayersBeforeMixtures()
            guard dense < layers else { return nil }
            return try mixture(
                count: "n_routed_experts", width: "moe_intermediate_size", denseLayers: dense)
        }
    }

    /// As `mlp_layer_types` tells them, or else by the number of the first ones.
    private func denseLayersBeforeMixtures() throws(CatalogError) -> Int {
        if let listed = try listedDenseLayers() { return listed }
        let first = try fields.integer("first_k_dense_replace", in: 0...layers, default: 0)
        let step = try fields.integer("moe_layer_freq", in: 1...layers, default: 1)
        return (0..<layers).count { $0 < first || !$0.isMultiple(of: step) }
    }

    private func listedDenseLayers() throws(CatalogError) -> Int? {
        let types = try fields.texts("mlp_layer_types")
        guard !types.isEmpty else { return nil }
        guard types.count == layers, types.allSatisfy(["dense", "sparse"].contains) else {
            throw fields.invalid(
                "mlp_layer_types",
                expected: "one entry for each of \(layers) layers, dense or sparse")
        }
        return types.count { $0 == "dense" }
    }

    private func mixture(
        count: String, width key: String, denseLayers: Int
    ) throws(CatalogError) -> ModelSpec.Mixture {
        let experts = try fields.integer(count, in: 1...4096)
        let width = try width(key)
        let shared = try fields.integer("n_shared_experts", in: 0...64, default: 0)
        let sharedWidth = try fields.integer(
            "shared_expert_intermediate_size", in: 0...1_000_000, default: shared * width)
        return ModelSpec.Mixture(
            experts: experts,
            expertsPerToken: try fields.integer("num_experts_per_tok", in: 1...experts),
            expertIntermediate: width, sharedIntermediate: sharedWidth,
            denseLayers: denseLayers, gatesShared: sharedWidth > 0 && shared == 0)
    }

    /// Layers without a mixture; only their number matters to cost and memory, not their place.
    private func sparseStepDenseLayers() throws(CatalogError) -> Int {
        let step = try fields.integer("decoder_sparse_step", in: 1...layers, default: 1)
        let listed = fields.value("mlp_only_layers")?.elements ?? []
        let dense = Set(listed.compactMap(\.integer))
        guard dense.count == listed.count, dense.allSatisfy((0..<layers).contains) else {
            throw fields.invalid(
                "mlp_only_layers", expected: "a list of different layers below \(layers)")
        }
        return (0..<layers).count { dense.contains($0) || !($0 + 1).isMultiple(of: step) }
    }
}

/// Layers that see only the end of the context.
extension ModelConfiguration {
    private func slidingWindow() throws(CatalogError) -> ModelSpec.SlidingWindow? {
        guard fields.value("sliding_window") != nil else { return nil }
        let windowed: Int
        switch architecture.window {
        case .none: return nil
        case .everyLayer: windowed = layers
        case .alternating: windowed = try listedWindowLayers() ?? (layers + 1) / 2
        case .optional:
            guard try fields.flag("use_sliding_window", default: false) else { return nil }
            let full = try fields.integer("max_window_layers", in: 0...10_000, default: layers)
            windowed = try listedWindowLayers() ?? max(0, layers - full)
        }
        let tokens = try fields.integer("sliding_window", in: 1...1_000_000_000)
        return windowed == 0 ? nil : ModelSpec.SlidingWindow(tokens: tokens, layers: windowed)
    }

    private func listedWindowLayers() throws(CatalogError) -> Int? {
        let types = try fields.texts("layer_types")
        guard !types.isEmpty else { return nil }
        guard types.count == layers else {
            throw fields.invalid("layer_types", expected: "one entry for each of \(layers) layers")
        }
        return types.count { $0 == "sliding_attention" }
    }
}
