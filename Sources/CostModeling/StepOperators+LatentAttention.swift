import ServingDomain

/// Layers whose KV cache is one latent vector per token.
extension StepOperators {
    /// Heads that FlashMLA's kernel for chosen tokens of a prompt computes at least, however few a GPU has.
    private static let leastHeads = 64

    /// Latent attention: prefill expands keys and values per head, decode attends to the latents.
    ///
    /// What is cached are the latents, so a prefill over a history expands that history again; in
    /// decode the same matrices are applied to queries and outputs, once per sequence.
    /// The decode kernel reads each latent once for keys and values; a grouped shape with twice
    /// the heads of half the width has the same traffic and arithmetic. Where an indexer chooses tokens, prompts
    /// attend to latents too, to no more of them than are chosen.
    func latentAttention(
        _ latent: ModelSpec.LatentAttention, _ phase: Phase
    ) -> [OperatorUse] {
        let layers = model.layers
        let own = sharded(latent.heads)
        let query = latent.nopeDimension + latent.ropeDimension
        let stored = latent.kvRank + latent.ropeDimension
        let expanded = own * (latent.nopeDimension + latent.valueDimension)
        let expands = phase == .prefill && latent.sparse == nil
        let isChosen = phase == .prefill && latent.sparse != nil
        let computed = isChosen ? max(own, Self.leastHeads) : own
        let shape =
            expands
            ? AttentionShape(
                heads: own, kvHeads: own, headDimension: (query + latent.valueDimension) / 2,
                window: 0, kvFormat: kvFormat)
            : AttentionShape(
                heads: 2 * computed, kvHeads: 1, headDimension: stored / 2,
                window: latent.sparse?.tokens ?? 0, kvFormat: kvFormat)
        return [
            use(
                "latent_down_projection",
                matrix(.attention, n: latent.queryRank + stored, k: model.hidden),
                layers),
            use("query_norm", elementwise(.norm, latent.queryRank), layers),
            use("latent_norm", elementwise(.norm, latent.kvRank), layers),
            use(
                "query_up_projection", matrix(.attention, n: own * query, k: latent.queryRank),
                layers),
            OperatorUse(
                name: "kv_up_projection", shape: matrix(.attention, n: expanded, k: latent.kvRank),
                count: layers, extent: expands ? .context : .tokens),
            use("rope", elementwise(.rope, (own + 1) * latent.ropeDimension), layers),
            attention("attention", shape, layers, phase),
            use(
                "output_projection",
                matrix(.attention, n: model.hidden, k: own * latent.valueDimension),
                layers),
        ] + indexer(latent, phase)
    }

    /// What chooses the tokens: products for queries, keys and weights of heads, the scores of all tokens, and the
    /// choice, which writes a place for each.
    private func indexer(
        _ latent: ModelSpec.LatentAttention, _ phase: Phase
    ) -> [OperatorUse] {
        guard let sparse = latent.sparse else { return [] }
        let count = sparse.layers
        let shape = ScoreShape(heads: sparse.heads, dimension: sparse.dimension)
        return [
            use(
                "index_query_projection",
                matrix(.attention, n: sparse.heads * sparse.dimension, k: latent.queryRank), count),
            use(
                "index_key_projection",
                matrix(.attention, n: sparse.dimension + sparse.heads, k: model.hidden), count),
            use("index_rope", elementwise(.rope, (sparse.heads + 1) * sparse.dimension), count),
            OperatorUse(
                name: "index_scores",
                shape: phase == .prefill ? .prefillScores(shape) : .decodeScores(shape),
                count: count, extent: .attention),
            use("index_choice", elementwise(.norm, sparse.tokens), count),
        ]
    }
}
