/// What lies between a client and an engine's steps, in every time to first token.
///
/// The engine goes on meanwhile: neither its steps nor the release of later rounds wait for it.
public struct FirstTokenLatency: Hashable, Sendable {
    /// Of every round: HTTP, the tokenizer's call and the first streamed chunk.
    public var base: Duration
    /// Per token of the whole prompt, cached or not: its text or numbers, the tokenizer and hashes of its blocks.
    public var perPromptToken: Duration

    public init(base: Duration = .zero, perPromptToken: Duration = .zero) {
        self.base = base
        self.perPromptToken = perPromptToken
    }

    /// Of a round.
    ///
    /// - Parameter promptTokens: its whole prompt, history included.
    /// - Returns: the time in nanoseconds; the base alone for prompts beyond what any engine holds, which are
    ///   refused.
    public func nanoseconds(promptTokens: Int) -> Int64 {
        let (times, overflows) = perPromptToken.inNanoseconds
            .multipliedReportingOverflow(by: Int64(promptTokens))
        return base.inNanoseconds &+ (overflows ? 0 : times)
    }

    /// Each part as long as in the longer of both.
    public func joined(with other: Self) -> Self {
        Self(
            base: max(base, other.base),
            perPromptToken: max(perPromptToken, other.perPromptToken))
    }
}
