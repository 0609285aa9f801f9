/// What the cost and the memory of serving a transformer depend on.
public struct ModelSpec: Hashable, Sendable {
    /// How attention stores its history.
    public enum Attention: Hashable, Sendable {
        /// Multi-head or grouped-query attention: `kvHeads` pairs of key and value per token.
        case grouped(heads: Int, kvHeads: Int, headDimension: Int)
        /// Multi-head latent attention (DeepSeek-V2 and later): one latent vector per token, and a key where an
        /// indexer chooses tokens.
        case latent(LatentAttention)
    }

    /// Dimensions of multi-head latent attention, in values per token or per head.
    public struct LatentAttention: Hashable, Sendable {
        public let heads: Int
        public let queryRank: Int
        public let kvRank: Int
        public let nopeDimension: Int
        public let ropeDimension: Int
        public let valueDimension: Int
        /// What chooses the tokens that are attended to; nil where all are.
        public let sparse: SparseAttention?

        public init(
            heads: Int, queryRank: Int, kvRank: Int, nopeDimension: Int, ropeDimension: Int,
            valueDimension: Int, sparse: SparseAttention? = nil
        ) {
            self.heads = heads
            self.queryRank = queryRank
            self.kvRank = kvRank
            self.nopeDimension = nopeDimension
            self.ropeDimension = ropeDimension
            self.valueDimension = valueDimension
            self.sparse = sparse
        }
    }

    /// A mixture of experts in place of the dense feed-forward block.
    public struct Mixture: Hashable, Sendable {
        public let experts: Int
        public let expertsPerToken: Int
        /// Width of one routed expert.
        public let expertIntermediate: Int
        /// Width of all shared experts together; 0 where there are none.
        public let sharedIntermediate: Int
        /// Leading layers that keep the dense block.
        public let denseLayers: Int
        /// Whether each token weighs the shared experts by a gate of its own (Qwen).
        public let gatesShared: Bool

        public init(
            experts: Int, expertsPerToken: Int, expertIntermediate: Int,
            sharedIntermediate: Int = 0, denseLayers: Int = 0, gatesShared: Bool = false
        ) {
            self.experts = experts
            self.expertsPerToken = expertsPerToken
            self.expertIntermediate = expertIntermediate
            self.sharedIntermediate = sharedIntermediate
            self.denseLayers = denseLayers
            self.gatesShared = gatesShared
        }
    }

    /// What queries and keys are normalised over before attention.
    public enum QueryKeyNorm: String, Hashable, Sendable {
        /// Each head by itself (Qwen3).
        case perHead
        /// All heads of a token together, which GPUs that share them have to agree on (MiniMax-M2).
        case acrossHeads
    }

    /// Layers whose attention sees only the last `tokens` of the context.
    public struct SlidingWindow: Hashable, Sendable {
        public let tokens: Int
        public let layers: Int

        public init(tokens: Int, layers: Int) {
            self.tokens = tokens
            self.layers = layers
        }
    }

    public let name: String
    /// Architecture name as in the Hugging Face `config.json`, for example `LlamaForCausalLM`.
    public let architecture: String
    public let layers: Int
    public let hidden: Int
    public let attention: Attention
    /// Width of the dense feed-forward block; 0 where every layer is a mixture.
    public let intermediate: Int
    public let mixture: Mixture?
    public let vocabulary: Int
    public let tiedEmbeddings: Bool
    /// Norm of queries and keys; nil where there is none.
    public let queryKeyNorm: QueryKeyNorm?
    /// Whether the query, key and value projections have a bias (Qwen2, gpt-oss).
    public let hasAttentionBias: Bool
    public let slidingWindow: SlidingWindow?
    /// Layers that keep a state in place of a KV cache, beside others that have `attention`; nil for none.
    public let linearAttention: LinearAttention?
    /// Whether the query projection makes a gate for the output of attention too (Qwen3-Next, Qwen3.5).
    public let hasOutputGate: Bool
    /// Longest context the configuration declares, in tokens.
    public let maxContext: Tokens
    /// Format in which the published weights are stored; embedding, norms and LM head stay bf16.
    public let nativeFormat: NumberFormat
    /// Parts that the published weights store in `nativeFormat`, the others in bf16; nil where they do not say.
    public let quantisedParts: Set<MatrixPart>?

    public init(
        name: String, architecture: String, layers: Int, hidden: Int, attention: Attention,
        intermediate: Int, mixture: Mixture? = nil, vocabulary: Int, tiedEmbeddings: Bool = false,
        queryKeyNorm: QueryKeyNorm? = nil, hasAttentionBias: Bool = false,
        slidingWindow: SlidingWindow? = nil, linearAttention: LinearAttention? = nil,
        hasOutputGate: Bool = false, maxContext: Tokens, nativeFormat: NumberFormat = .bf16,
        quantisedParts: Set<MatrixPart>? = nil
    ) {
        self.name = name
        self.architecture = architecture
        self.layers = layers
        self.hidden = hidden
        self.attention = attention
        self.intermediate = intermediate
        self.mixture = mixture
        self.vocabulary = vocabulary
        self.tiedEmbeddings = tiedEmbeddings
        self.queryKeyNorm = queryKeyNorm
        self.hasAttentionBias = hasAttentionBias
        self.slidingWindow = slidingWindow
        self.linearAttention = linearAttention
        self.hasOutputGate = hasOutputGate
        self.maxContext = maxContext
        self.nativeFormat = nativeFormat
        self.quantisedParts = quantisedParts
    }

    /// Layers with `attention`, which keep a KV cache.
    public var attentionLayers: Int { layers - (linearAttention?.layers ?? 0) }

    /// Layers with a mixture of experts.
    public var mixtureLayers: Int { mixture.map { layers - $0.denseLayers } ?? 0 }

    /// Layers with a dense feed-forward block.
    public var denseLayers: Int { layers - mixtureLayers }

    public var heads: Int {
        switch attention {
        case .grouped(let heads, _, _): heads
        case .latent(let latent): latent.heads
        }
    }
}
