/// Parts of prompts so small that no step with them takes longer than a target.
///
/// Step times come from the caller, in any unit, that of the target. They should not fall as a
/// step gets more tokens; where they do, what is found is safe all the same, if not the largest.
public struct SafeChunks: Hashable, Sendable {
    /// Longest step in which sequences decode.
    public let target: Int64

    public init(target: Int64) { self.target = target }

    /// A prompt that is computed behind others, all of them in chunks.
    public struct Prompt: Hashable, Sendable {
        /// Tokens of other prompts that are computed before it.
        public var ahead: Int
        /// Tokens whose KV cache exists.
        public var history: Int
        /// Tokens to compute.
        public var increment: Int

        public init(ahead: Int = 0, history: Int = 0, increment: Int) {
            self.ahead = ahead
            self.history = history
            self.increment = increment
        }
    }

    /// The most tokens, up to `most`, with which a step stays within the target.
    ///
    /// Found by bisection; 0 where not even one token fits.
    @inlinable
    public func largest(_ most: Int, step: (Int) -> Int64) -> Int {
        guard most > 0 else { return 0 }
        if step(most) <= target { return most }
        var (low, high) = (0, most)
        while high - low > 1 {
            let middle = (low + high) / 2
            if step(middle) <= target { low = middle } else { high = middle }
        }
        return low
    }

    /// Time until the prompt is complete, if every step takes the largest safe chunk.
    ///
    /// The prompts ahead are computed as if they were a part of this one without a history of
    /// their own; the sequences that decode now go on decoding.
    ///
    /// - Parameters:
    ///   - prompt: what is to be computed.
    ///   - budget: most prompt tokens of a step, whatever its time.
    ///   - limit: longest time of interest.
    ///   - decode: time of the step with this index without any prompt tokens.
    ///   - added: time that so many tokens on top of so much history add to a step.
    /// - Returns: nil where a step has no room for a single token, or beyond `limit`.
    @inlinable
    public func timeToFirstToken(
        _ prompt: Prompt, budget: Int, limit: Int64, decode: (Int) -> Int64,
        added: (_ history: Int, _ tokens: Int) -> Int64
    ) -> Int64? {
        let total = prompt.ahead + prompt.increment
        var (done, elapsed, steps) = (0, Int64(0), 0)
        while done < total {
            let decoding = decode(steps)
            let history = prompt.history + max(0, done - prompt.ahead)
            let tokens = largest(min(budget, total - done)) { decoding + added(history, $0) }
            guard tokens > 0 else { return nil }
            elapsed += decoding + added(history, tokens)
            guard elapsed <= limit else { return nil }
            done += tokens
            steps += 1
        }
        return elapsed
    }
}
