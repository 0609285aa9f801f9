/// One round's prefill as routing and reordering see it.
public struct PrefillTask: Hashable, Sendable {
    /// Tokens whose KV cache is resident on the session's decode worker.
    public let history: Int
    /// Tokens to compute now.
    public let increment: Int

    public init(history: Int, increment: Int) {
        self.history = history
        self.increment = increment
    }
}
