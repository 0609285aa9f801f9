/// What one measured round experienced; all durations in nanoseconds.
public struct RoundOutcome: Hashable, Sendable, Codable {
    /// Number of the session in order of arrival, from 0.
    public let session: Int
    public let round: Int
    /// Arrival of the session, from the start of the run.
    public let arrived: Int64
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
    /// Tokens of the whole prompt, history included.
    public let promptTokens: Int
    /// Prompt tokens that are new in this round.
    public let newTokens: Int
    public let outputTokens: Int
    /// Gaps between its tokens that are longer than the ITL target.
    public let gapsOverTarget: Int
    /// Index of the prefill worker; nil where the prefill ran on the serving worker.
    public let prefillWorker: Int?
    /// Index of the worker that decoded; nil for an infinite server.
    public let servingWorker: Int?
    /// Place of its tenant in the table of sessions, from 1; 0 for none.
    public let tenant: Int32

    /// Whether the prefill ran on the decode worker.
    public var isLocal: Bool { prefillWorker == nil }

    /// Mean gap between the round's tokens (TPOT) in nanoseconds; 0 where there is only one.
    public var meanITL: Double {
        outputTokens > 1 ? Double(decodeTime) / Double(outputTokens - 1) : 0
    }
}
