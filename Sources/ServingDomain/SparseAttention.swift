/// An indexer that chooses the tokens which latent attention looks at (DeepSeek-V3.2, GLM-5).
///
/// Every query scores all tokens before it with heads of its own, on keys that are cached in eight bits beside the
/// latents, and attends to the best. Its matrices are on every GPU whole.
public struct SparseAttention: Hashable, Sendable {
    /// Tokens that a query attends to, at most.
    public let tokens: Int
    public let heads: Int
    public let dimension: Int
    /// Layers with an indexer; the others use the choice of the one before.
    public let layers: Int

    public init(tokens: Int, heads: Int, dimension: Int, layers: Int) {
        self.tokens = tokens
        self.heads = heads
        self.dimension = dimension
        self.layers = layers
    }

    /// Bytes of a token's key in one layer: eight bits per value and a scale of four bytes.
    public var keyBytes: Int { Self.keyBytes(dimension) }

    static func keyBytes(_ dimension: Int) -> Int { dimension + 4 }

    /// Parameters of the matrices of one layer: queries from the latent of attention's queries, one key, and weights
    /// of the heads.
    func matrixParameters(hidden: Int, queryRank: Int) -> Int {
        queryRank * heads * dimension + hidden * (dimension + heads)
    }

    /// The norm of the key, with a bias.
    var vectorParameters: Int { 2 * dimension }
}

/// Heads of an indexer, which every GPU has whole.
public struct ScoreShape: Hashable, Sendable {
    public let heads: Int
    public let dimension: Int

    public init(heads: Int, dimension: Int) {
        self.heads = heads
        self.dimension = dimension
    }

    /// One product in eight bits for each query and key, whose scores are written, and read by the choice.
    func work(pairs: Double, queries: Double, keys: Double) -> Work {
        let width = Double(heads * dimension)
        return Work(
            flops: 2 * width * pairs,
            bytes: keys * Double(SparseAttention.keyBytes(dimension)) + queries * width
                + 2 * 4 * pairs)
    }
}
