/// The layers of a model that keep nothing but a window of each sequence, beside others that keep all.
public struct KeptWindow: Hashable, Sendable {
    /// Tokens that the window sees.
    public let tokens: Int
    public let layers: Int
    /// Layers that keep the whole context; at least one.
    public let wholeLayers: Int

    /// Blocks beyond those of the whole context that a sequence holds, in blocks of the other layers.
    ///
    /// The window lies anywhere in its blocks, so that one more than it fills is held. A sequence
    /// shorter than the window is charged for all of it.
    public func blocks(of blockSize: Int) -> Int {
        share((tokens + blockSize - 1) / blockSize + 1)
    }

    /// Blocks that the windowed layers need for the prompts of one step, which they let go after it.
    public func stepBlocks(tokenBudget: Int, blockSize: Int) -> Int {
        share((tokenBudget + blockSize - 1) / blockSize)
    }

    /// So many blocks of the windowed layers, counted in blocks of the others.
    private func share(_ blocks: Int) -> Int {
        (blocks * layers + wholeLayers - 1) / wholeLayers
    }
}

extension ModelSpec {
    /// The layers that keep nothing but a window; nil where all are alike, and where the engine does
    /// not tell them apart.
    public func keptWindow(_ kept: SlidingWindowKV) -> KeptWindow? {
        guard kept == .window, let slidingWindow, slidingWindow.layers < layers else { return nil }
        return KeptWindow(
            tokens: slidingWindow.tokens, layers: slidingWindow.layers,
            wholeLayers: layers - slidingWindow.layers)
    }
}

extension Case {
    /// Blocks that each sequence holds for layers with a window, beside those of its tokens.
    public var windowBlocks: Int {
        model.keptWindow(engine.behaviour.slidingWindowKV)?.blocks(of: engine.blockSize) ?? 0
    }
}
