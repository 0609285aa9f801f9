/// Parameters and bytes that follow from the shape of a model.
extension ModelSpec {
    /// All parameters: embeddings, attention, feed-forward blocks, routers, norms and LM head.
    ///
    /// Multi-token-prediction layers are not counted.
    public var parameterCount: Int {
        embeddingParameters + attentionLayers * attentionParameters + linearParameters
            + indexParameters + layers * normParametersPerLayer
            + denseLayers * denseBlockParameters
            + mixtureLayers * mixtureBlockParameters(experts: mixture?.experts ?? 0) + hidden
    }

    /// Parameters that one token passes through, with only its own experts counted.
    public var activeParameterCount: Int {
        guard let mixture else { return parameterCount }
        let idle = mixture.experts - mixture.expertsPerToken
        return parameterCount - mixtureLayers * idle * expertParameters
    }

    /// Bytes of all weights when the layers' matrices are stored as `format`.
    ///
    /// Embedding, LM head, norms and routers stay bf16, and so do parts that the format does not reach
    /// (`format(of:in:)`).
    public func weightBytes(_ format: NumberFormat) -> Bytes {
        Bytes(Int(expertBytes(format) + otherBytes(format)))
    }

    /// Bytes of the matrices that tensor parallelism does not split.
    private func wholeBytes(_ format: NumberFormat) -> Double {
        guard case .latent(let latent) = attention else { return 0 }
        let down = layers * hidden * (latent.queryRank + latent.kvRank + latent.ropeDimension)
        return Double(down + indexMatrixParameters)
            * self.format(of: .attention, in: format).bytesPerValue
    }

    private var routedParameters: Double {
        Double(mixtureLayers * (mixture?.experts ?? 0) * expertParameters)
    }

    private func expertBytes(_ format: NumberFormat) -> Double {
        routedParameters * format.bytesPerValue
    }

    /// Bytes of everything but routed experts.
    private func otherBytes(_ format: NumberFormat) -> Double {
        let linear = linearAttention.map { $0.layers * $0.matrixParameters(hidden: hidden) } ?? 0
        let attention = Double(
            attentionLayers * attentionMatrixParameters + linear + indexMatrixParameters)
        let feedForward = Double(
            denseLayers * denseBlockParameters + mixtureLayers * sharedExpertParameters)
        let rest = Double(parameterCount) - routedParameters - attention - feedForward
        return attention * self.format(of: .attention, in: format).bytesPerValue
            + feedForward * self.format(of: .feedForward, in: format).bytesPerValue
            + rest * NumberFormat.bf16.bytesPerValue
    }

    /// Weight bytes that each GPU of an engine holds.
    ///
    /// Every rank has all but the routed experts, whose bytes all GPUs of the engine share evenly. Projections to
    /// latents, and the matrices of an indexer, are on every GPU whole.
    public func weightBytesPerGPU(
        _ format: NumberFormat, degree: TensorParallelDegree, split: ModelSplit = .none
    ) -> Bytes {
        let gpus = split.gpus(degree)
        let ranks = Double(split.ranks)
        let whole = Int(wholeBytes(format))
        let all = Int(expertBytes(format) + ranks * (otherBytes(format) - Double(whole)))
        return Bytes((all + gpus - 1) / gpus + whole)
    }

    /// KV cache of one token over all layers.
    ///
    /// - Parameters:
    ///   - format: of the KV cache.
    ///   - kept: where layers keep a window alone, they are not counted.
    /// - Returns: bytes before any sharding or replication.
    public func kvBytesPerToken(
        _ format: NumberFormat, keeping kept: SlidingWindowKV = .whole
    ) -> Bytes {
        let values = wholeLayers(kept) * kvValuesPerTokenAndLayer
        return Bytes(Int(Double(values) * format.bytesPerValue) + indexBytesPerToken)
    }

    /// Bytes of a token's KV cache in all layers that keep a window alone; zero where none does.
    public func windowBytesPerToken(_ format: NumberFormat, keeping kept: SlidingWindowKV) -> Bytes
    {
        let layers = keptWindow(kept)?.layers ?? 0
        return Bytes(Int(Double(layers * kvValuesPerTokenAndLayer) * format.bytesPerValue))
    }

    private func wholeLayers(_ kept: SlidingWindowKV) -> Int {
        keptWindow(kept)?.wholeLayers ?? attentionLayers
    }

    /// KV-cache bytes of one token on one GPU of a tensor-parallel group.
    ///
    /// Grouped heads are sharded until one head per GPU is left and replicated beyond; a latent
    /// cache is stored whole on every GPU.
    ///
    /// - Parameters:
    ///   - format: of the KV cache.
    ///   - degree: GPUs of the group.
    ///   - kept: where layers keep a window alone, they are not counted.
    /// - Returns: bytes on each GPU.
    public func kvBytesPerTokenPerGPU(
        _ format: NumberFormat, degree: TensorParallelDegree, keeping kept: SlidingWindowKV = .whole
    ) -> Bytes {
        switch attention {
        case .grouped(_, let kvHeads, let headDimension):
            let heads = max(1, (kvHeads + degree.value - 1) / degree.value)
            return Bytes(
                Int(
                    Double(2 * wholeLayers(kept) * heads * headDimension) * format.bytesPerValue))
        case .latent:
            return kvBytesPerToken(format, keeping: kept)
        }
    }

    /// Most GPUs of a tensor-parallel group that hold different parts of a token's KV cache; others hold copies.
    public var kvParts: Int {
        switch attention {
        case .grouped(_, let kvHeads, _): kvHeads
        case .latent: 1
        }
    }

    /// Whether every rank of a tensor-parallel group gets the same whole number of heads.
    public func divides(by degree: TensorParallelDegree) -> Bool {
        guard heads.isMultiple(of: degree.value),
            linearAttention?.divides(by: degree) ?? true
        else { return false }
        guard case .grouped(_, let kvHeads, _) = attention else { return true }
        return kvHeads.isMultiple(of: degree.value) || degree.value.isMultiple(of: kvHeads)
    }

    private var sparse: SparseAttention? {
        guard case .latent(let latent) = attention else { return nil }
        return latent.sparse
    }

    private var indexBytesPerToken: Int { sparse.map { $0.layers * $0.keyBytes } ?? 0 }

    private var kvValuesPerTokenAndLayer: Int {
        switch attention {
        case .grouped(_, let kvHeads, let headDimension): 2 * kvHeads * headDimension
        case .latent(let latent): latent.kvRank + latent.ropeDimension
        }
    }

    private var embeddingParameters: Int { vocabulary * hidden * (tiedEmbeddings ? 1 : 2) }

    private var linearParameters: Int {
        guard let linearAttention else { return 0 }
        return linearAttention.layers
            * (linearAttention.matrixParameters(hidden: hidden)
                + linearAttention.otherParameters(hidden: hidden))
    }

    private var indexMatrixParameters: Int {
        guard case .latent(let latent) = attention, let sparse = latent.sparse else { return 0 }
        return sparse.layers
            * sparse.matrixParameters(hidden: hidden, queryRank: latent.queryRank)
    }

    private var indexParameters: Int {
        indexMatrixParameters + (sparse.map { $0.layers * $0.vectorParameters } ?? 0)
    }

    private var attentionParameters: Int { attentionMatrixParameters + attentionVectorParameters }

    private var attentionMatrixParameters: Int {
        switch attention {
        case .grouped(let heads, let kvHeads, let headDimension):
            let queries = hasOutputGate ? 2 * heads : heads
            return hidden * headDimension * (queries + heads + 2 * kvHeads)
        case .latent(let latent):
            let query =
                latent.queryRank
                * (hidden + latent.heads * (latent.nopeDimension + latent.ropeDimension))
            let key = hidden * (latent.kvRank + latent.ropeDimension)
            let expand =
                latent.kvRank * latent.heads * (latent.nopeDimension + latent.valueDimension)
            return query + key + expand + latent.heads * latent.valueDimension * hidden
        }
    }

    private var attentionVectorParameters: Int {
        switch attention {
        case .grouped(let heads, let kvHeads, let headDimension):
            let bias = hasAttentionBias ? (heads + 2 * kvHeads) * headDimension : 0
            return switch queryKeyNorm {
            case nil: bias
            case .perHead: bias + 2 * headDimension
            case .acrossHeads: bias + (heads + kvHeads) * headDimension
            }
        case .latent(let latent):
            return latent.queryRank + latent.kvRank
        }
    }

    private var normParametersPerLayer: Int { 2 * hidden }

    private var denseBlockParameters: Int { 3 * hidden * intermediate }

    private var expertParameters: Int { 3 * hidden * (mixture?.expertIntermediate ?? 0) }

    private var sharedExpertParameters: Int { 3 * hidden * (mixture?.sharedIntermediate ?? 0) }

    private func mixtureBlockParameters(experts: Int) -> Int {
        let gates = (mixture?.gatesShared ?? false) ? experts + 1 : experts
        return experts * expertParameters + sharedExpertParameters + hidden * gates
    }
}
