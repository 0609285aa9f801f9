public import ServingDomain

/// One operator of a step, with how often it runs and on how many tokens.
public struct OperatorUse: Hashable, Sendable {
    /// What the length of the operator's first axis follows in a step.
    public enum Extent: Hashable, Sendable {
        /// All tokens of the step: the increment in prefill, the batch in decode.
        case tokens
        /// Tokens that get a next token: one per sequence.
        case sampled
        /// Bytes of an activation of this many bytes per token.
        case message(bytesPerToken: Int)
        /// Attention: increment and history, or batch and context.
        case attention
        /// New and cached tokens of each sequence together: what is computed anew for a history.
        case context
        /// Tokens of the step on all data-parallel ranks of the engine.
        case ranks
        /// Bytes of an activation of this many bytes for each of those tokens.
        case ranksMessage(bytesPerToken: Int)
    }

    /// Name of the operator's place in the layer, for example `qkv_projection`.
    public let name: String
    public let shape: OperatorShape
    /// Executions in one step: usually the number of layers.
    public let count: Int
    public let extent: Extent
}

extension OperatorUse {
    /// The point of the operator's curve in a step of a single rank.
    ///
    /// - Parameters:
    ///   - tokens: increment in prefill, batch in decode.
    ///   - cached: history in prefill, mean context per sequence in decode.
    ///   - sampled: sequences that get a next token.
    /// - Returns: the arguments of the operator's curve.
    public func point(tokens: Int, cached: Int, sampled: Int) -> OperatorPoint {
        switch extent {
        case .tokens, .ranks: OperatorPoint(x: tokens)
        case .sampled: OperatorPoint(x: sampled)
        case .message(let bytes), .ranksMessage(let bytes): OperatorPoint(x: tokens * bytes)
        case .attention: OperatorPoint(x: tokens, y: cached)
        case .context: OperatorPoint(x: tokens + cached)
        }
    }
}
