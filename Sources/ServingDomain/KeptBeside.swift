/// What a sequence on a serving worker holds beside the blocks of its tokens.
public enum KeptBeside: Hashable, Sendable {
    /// Layers that keep a window alone.
    case window(KeptWindow)
    /// Layers that keep a state of fixed size.
    case state(KeptState)

    /// Blocks of the layers that keep everything.
    ///
    /// - Parameters:
    ///   - blockSize: tokens in a block.
    ///   - longest: tokens that the sequence reaches at most.
    /// - Returns: whole blocks.
    public func blocks(of blockSize: Int, reaching longest: Int = .max) -> Int {
        switch self {
        case .window(let window): window.blocks(of: blockSize, reaching: longest)
        case .state(let state): state.blocks(of: blockSize)
        }
    }

    /// What the prompts of one step need beside it, and let go after the step.
    public func stepBlocks(_ tokens: Int, of blockSize: Int) -> Int {
        switch self {
        case .window(let window): window.stepBlocks(tokens, of: blockSize)
        case .state: 0
        }
    }

    /// The longest sequence that finds room for itself and for this in an empty worker.
    ///
    /// - Parameters:
    ///   - blocks: of the worker.
    ///   - blockSize: tokens in a block.
    /// - Returns: its tokens.
    public func longestSequence(in blocks: Int, of blockSize: Int) -> Int {
        switch self {
        case .window(let window): window.longestSequence(in: blocks, of: blockSize)
        case .state(let state): max(0, blocks - state.blocks(of: blockSize)) * blockSize
        }
    }
}

/// The states that layers with linear attention keep of each sequence, however long it is.
///
/// They are counted in blocks of the layers that keep everything, as engines share one memory out between both.
/// SGLang splits its memory in fixed shares instead; that is not modelled.
public struct KeptState: Hashable, Sendable {
    /// Bytes of a sequence on one GPU.
    public let bytes: Bytes
    /// KV cache of a token on the same GPU.
    public let bytesPerToken: Bytes

    /// - Precondition: a token has bytes.
    public init(bytes: Bytes, bytesPerToken: Bytes) {
        precondition(bytesPerToken > .zero, "some layers keep everything")
        self.bytes = bytes
        self.bytesPerToken = bytesPerToken
    }

    /// Whole blocks, however little of the last is needed.
    public func blocks(of blockSize: Int) -> Int {
        let block = bytesPerToken.value * blockSize
        return (bytes.value + block - 1) / block
    }
}

extension ModelSpec {
    /// What a sequence holds on each GPU of a worker beside its tokens; nil where all layers keep everything.
    public func keptBeside(
        _ windows: SlidingWindowKV, _ format: NumberFormat, degree: TensorParallelDegree
    ) -> KeptBeside? {
        if let window = keptWindow(windows) { return .window(window) }
        guard let linearAttention else { return nil }
        let bytes = linearAttention.stateBytes.value
        return .state(
            KeptState(
                bytes: Bytes((bytes + degree.value - 1) / degree.value),
                bytesPerToken: kvBytesPerTokenPerGPU(format, degree: degree)))
    }
}

extension LayoutQuestion {
    /// What sequences keep beside their tokens on workers of one kind; nil where a capacity is stated, which
    /// is one of whole tokens.
    ///
    /// On workers of several degrees the states of a sequence count as many blocks as on those where they are most.
    public func keptBeside(on kinds: some Collection<WorkerKind>) -> KeptBeside? {
        guard statedCapacity == nil, let planningCase else { return nil }
        let kept = kinds.compactMap {
            planningCase.model.keptBeside(
                engine.behaviour.slidingWindowKV, planningCase.kvFormat, degree: $0.degree)
        }
        return kept.max {
            $0.blocks(of: engine.blockSize) < $1.blocks(of: engine.blockSize)
        }
    }
}
