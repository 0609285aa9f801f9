/// What one measured round experienced; all durations in nanoseconds.
public struct RoundOutcome: Hashable, Sendable {
    public let session: Int
    public let round: Int
    /// Arrival or end of the tool call, from the start of the run.
    public let released: Int64
    /// Wait for KV memory on the decode worker; part of `ttft`.
    public let memoryWait: Int64
    /// Start of the prefill computation, from the start of the run.
    public let prefillStarted: Int64
    /// End of the prefill computation, from the start of the run.
    public let prefillEnded: Int64
    /// From release until the first token reaches the client.
    public let ttft: Int64
    /// From the first token to the last.
    public let decodeTime: Int64
    public let outputTokens: Int
    /// Whether the prefill ran on the decode worker.
    public let isLocal: Bool

    /// Mean gap between the round's tokens (TPOT) in nanoseconds; 0 where there is only one.
    public var meanITL: Double {
        outputTokens > 1 ? Double(decodeTime) / Double(outputTokens - 1) : 0
    }
}
