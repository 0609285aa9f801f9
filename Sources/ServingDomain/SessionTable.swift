/// One prefill and one decode burst of a session.
@frozen
public struct RoundScript: Hashable, Sendable {
    /// Prompt tokens that are new in this round: neither history nor the previous answer.
    public let newTokens: Int32
    /// Tokens to generate, at least 1.
    public let outputTokens: Int32
    /// Time from the end of this round to the release of the next, in nanoseconds.
    public let delayAfter: Int64

    @inlinable
    public init(newTokens: Int, outputTokens: Int, delayAfter: Int64) {
        self.newTokens = Int32(clamping: newTokens)
        self.outputTokens = Int32(clamping: outputTokens)
        self.delayAfter = delayAfter
    }
}

/// Concrete sessions in order of arrival: what every layout under comparison has to serve.
public struct SessionTable: Hashable, Sendable {
    /// Arrival of each session in nanoseconds from the start, never decreasing.
    public private(set) var arrivals: [Int64] = []
    public private(set) var rounds: [RoundScript] = []
    /// Index into `rounds` of each session's first round, and one past the last at the end.
    public private(set) var firstRound: [Int] = [0]

    public init() {}

    public var count: Int { arrivals.count }

    /// Adds a session.
    ///
    /// - Precondition: `arrival` is not before the previous one and `rounds` is not empty.
    public mutating func append(arrival: Int64, rounds script: some Collection<RoundScript>) {
        precondition(arrival >= (arrivals.last ?? 0) && !script.isEmpty)
        arrivals.append(arrival)
        rounds.append(contentsOf: script)
        firstRound.append(rounds.count)
    }

    public func rounds(of session: Int) -> ArraySlice<RoundScript> {
        rounds[firstRound[session]..<firstRound[session + 1]]
    }

    /// Tokens in the KV cache when the session's last round ends.
    public func finalContext(of session: Int) -> Int {
        rounds(of: session).reduce(0) { $0 + Int($1.newTokens) + Int($1.outputTokens) }
    }
}
