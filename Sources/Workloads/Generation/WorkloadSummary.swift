import DiscreteEvents
public import ServingDomain

/// What the sessions of a table are like.
public struct WorkloadSummary: Hashable, Sendable {
    public let sessions: Int
    public let meanRounds: Double
    /// New prompt tokens of first rounds.
    public let meanInitialTokens: Double
    /// New prompt tokens of later rounds; `nil` where every session has one round.
    public let meanIncrementalTokens: Double?
    /// Output tokens of a round.
    public let meanOutputTokens: Double
    /// Time between the end of a round and the release of the next, over the rounds that have a
    /// next; `nil` where none has.
    public let meanDelay: Duration?
    /// Tokens in the KV cache at the end of a session's round, the most of each session.
    public let longestContextMean: Double
    /// By linear interpolation on exact data.
    public let longestContextP95: Double
    public let longestContextMax: Tokens
    /// Of each session, ascending.
    private let longestContexts: [Double]

    /// Summarises a table; `nil` where it is empty.
    public init?(_ table: SessionTable) {
        let totals = Totals(table)
        let contexts = table.longestContexts.map(Double.init).sorted()
        guard let largest = contexts.last else { return nil }
        let later = Double(table.rounds.count - table.count)
        let sessions = Double(table.count)
        self.sessions = table.count
        meanRounds = Double(table.rounds.count) / sessions
        meanInitialTokens = totals.initial / sessions
        meanIncrementalTokens = later > 0 ? totals.incremental / later : nil
        meanOutputTokens = totals.output / Double(table.rounds.count)
        meanDelay = later > 0 ? .seconds(totals.delay / later) : nil
        longestContextMean = contexts.reduce(0, +) / sessions
        longestContextP95 = Percentile.value(95, ofSorted: contexts) ?? largest
        longestContextMax = Tokens(Int(largest))
        longestContexts = contexts
    }

    /// Sessions with a round that ends with more tokens than `window` holds.
    public func sessionsBeyond(contextWindow window: Tokens) -> Int {
        longestContexts.count { $0 > Double(window.value) }
    }

    /// One sentence where sessions outgrow the model's context window, otherwise `nil`.
    public func contextWarning(window: Tokens) -> String? {
        let beyond = sessionsBeyond(contextWindow: window)
        guard beyond > 0 else { return nil }
        return """
            \(beyond) of \(sessions) sessions outgrow the model's context window of \(window) \
            tokens; the longest has \(longestContextMax).
            """
    }
}

/// Sums over one pass through a table.
private struct Totals {
    var initial = 0.0
    var incremental = 0.0
    var output = 0.0
    /// Seconds.
    var delay = 0.0

    init(_ table: SessionTable) {
        for session in 0..<table.count { add(table.rounds(of: session)) }
    }

    private mutating func add(_ rounds: ArraySlice<RoundScript>) {
        for (index, round) in rounds.enumerated() {
            let new = Double(round.newTokens)
            if index == 0 { initial += new } else { incremental += new }
            output += Double(round.outputTokens)
            if index + 1 < rounds.count { delay += Double(round.delayAfter) / 1e9 }
        }
    }
}
