/// A matrix whose blocks of weights a split over GPUs would cut.
public struct CutBlocks: Hashable, Sendable {
    public enum Part: String, Hashable, Sendable {
        case attention
        case feedForward = "the feed-forward block"
        case sharedExperts = "the shared experts"
        case routedExpert = "a routed expert"
    }

    public let part: Part
    /// Columns of the whole matrix, and those that one GPU would get of it, rounded down.
    public let columns: Int
    public let share: Int
    /// Columns of a block.
    public let block: Int

    /// Whether a GPU that has the whole matrix has whole blocks of it.
    public var isWholeUncut: Bool { columns.isMultiple(of: block) }
}

extension ModelSpec {
    /// The first matrix of which the GPUs of an engine would not get whole blocks of weights.
    ///
    /// Engines scale such weights block by block and refuse to start where a GPU's share of a dimension
    /// that may be split is no multiple of the block, split or not. Key and value heads count as
    /// replicated from one head per GPU on. Low-rank projections, which are not split, are not looked at.
    ///
    /// - Parameters:
    ///   - format: of the weights.
    ///   - degree: GPUs that a rank splits its matrices over.
    ///   - split: ranks of the engine, and GPUs that routed experts are dealt out over.
    /// - Returns: nil where nothing is cut, as in formats without blocks.
    public func cutBlocks(
        _ format: NumberFormat, degree: TensorParallelDegree, split: ModelSplit = .none
    ) -> CutBlocks? {
        guard let block = format.weightBlock else { return nil }
        return splitDimensions(degree, split).lazy.filter {
            self.format(of: $0.part, in: format) == format
        }.compactMap {
            $0.columns.isMultiple(of: $0.ways) && ($0.columns / $0.ways).isMultiple(of: block)
                ? nil
                : CutBlocks(
                    part: $0.part, columns: $0.columns, share: $0.columns / $0.ways, block: block)
        }.first
    }

    private func format(of part: CutBlocks.Part, in weights: NumberFormat) -> NumberFormat {
        switch part {
        case .attention: format(of: MatrixPart.attention, in: weights)
        case .feedForward, .sharedExperts: format(of: MatrixPart.feedForward, in: weights)
        case .routedExpert: weights
        }
    }

    private func splitDimensions(
        _ degree: TensorParallelDegree, _ split: ModelSplit
    ) -> [(part: CutBlocks.Part, columns: Int, ways: Int)] {
        var found: [(part: CutBlocks.Part, columns: Int, ways: Int)] = []
        let ways = degree.value
        switch attention {
        case .grouped(let heads, let kvHeads, let dimension):
            found.append((.attention, heads * dimension, ways))
            found.append((.attention, kvHeads * dimension, min(ways, kvHeads)))
        case .latent(let latent):
            for dimension in [
                latent.nopeDimension + latent.ropeDimension,
                latent.nopeDimension + latent.valueDimension, latent.valueDimension,
            ] {
                found.append((.attention, latent.heads * dimension, ways))
            }
        }
        if let linear = linearAttention {
            found.append((.attention, linear.keyHeads * linear.keyDimension, ways))
            found.append((.attention, linear.valueWidth, ways))
        }
        if denseLayers > 0 { found.append((.feedForward, intermediate, ways)) }
        if let mixture {
            found.append((.sharedExperts, mixture.sharedIntermediate, ways))
            let gpus = split.gpus(degree)
            found.append(
                (
                    .routedExpert, mixture.expertIntermediate,
                    gpus / min(gpus, split.expertDegree)
                ))
        }
        return found
    }
}
