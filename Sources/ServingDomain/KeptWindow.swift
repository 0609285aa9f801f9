/// The layers of a model that keep nothing but a window of each sequence, beside others that keep all.
public struct KeptWindow: Hashable, Sendable {
    /// Tokens that the window sees.
    public let tokens: Int
    public let layers: Int
    /// Layers that keep the whole context; at least one.
    public let wholeLayers: Int

    /// - Precondition: all are positive.
    public init(tokens: Int, layers: Int, wholeLayers: Int) {
        precondition(tokens > 0 && layers > 0 && wholeLayers > 0, "there are layers of both kinds")
        self.tokens = tokens
        self.layers = layers
        self.wholeLayers = wholeLayers
    }

    /// What a sequence holds beyond the blocks of its whole context.
    ///
    /// The window lies anywhere in its blocks, so that one more than it fills is held; of a sequence
    /// that is not as long no more than it has.
    ///
    /// - Parameters:
    ///   - blockSize: tokens in a block.
    ///   - longest: tokens that the sequence reaches at most.
    /// - Returns: blocks of the layers that keep everything.
    public func blocks(of blockSize: Int, reaching longest: Int = .max) -> Int {
        share(min(whole(tokens, blockSize) + 1, whole(longest, blockSize)))
    }

    /// What the windowed layers need for the prompts of one step, and let go after it.
    ///
    /// - Parameters:
    ///   - tokens: of the prompts of a step.
    ///   - blockSize: tokens in a block.
    /// - Returns: blocks of the layers that keep everything.
    public func stepBlocks(_ tokens: Int, of blockSize: Int) -> Int {
        share(whole(tokens, blockSize))
    }

    /// The longest sequence that finds room for itself and for its windows in an empty worker.
    ///
    /// - Parameters:
    ///   - blocks: of the worker.
    ///   - blockSize: tokens in a block.
    /// - Returns: its tokens.
    public func longestSequence(in blocks: Int, of blockSize: Int) -> Int {
        let short = blocks * wholeLayers / (wholeLayers + layers)
        return max(short, blocks - self.blocks(of: blockSize)) * blockSize
    }

    private func whole(_ tokens: Int, _ blockSize: Int) -> Int {
        let (blocks, rest) = tokens.quotientAndRemainder(dividingBy: blockSize)
        return blocks + (rest > 0 ? 1 : 0)
    }

    /// So many blocks of the windowed layers, counted in blocks of the others.
    private func share(_ blocks: Int) -> Int {
        (blocks * layers + wholeLayers - 1) / wholeLayers
    }
}

extension ModelSpec {
    /// The layers that keep nothing but a window; nil where all are alike, and where the engine does
    /// not tell them apart.
    ///
    /// A window is no longer than the longest context of the model.
    public func keptWindow(_ kept: SlidingWindowKV) -> KeptWindow? {
        guard kept == .window, let slidingWindow, (1..<layers).contains(slidingWindow.layers),
            slidingWindow.tokens > 0
        else { return nil }
        return KeptWindow(
            tokens: min(slidingWindow.tokens, max(1, maxContext.value)),
            layers: slidingWindow.layers, wholeLayers: layers - slidingWindow.layers)
    }

    /// Whether some layers have a sliding window and others none, so that they may keep different things.
    public var mixesWindows: Bool { keptWindow(.window) != nil }
}
