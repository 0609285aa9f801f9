public import DiscreteEvents

/// What one run showed about its measured sessions.
public struct SimulationResult: Sendable {
    /// Largest arguments that the cost functions were asked for.
    public struct Extremes: Hashable, Sendable {
        public var increment = 0
        public var history = 0
        public var batch = 0
        public var meanContext = 0
    }

    /// Measured rounds in order of their end.
    public internal(set) var rounds: [RoundOutcome] = []
    /// Sessions that were measured, refused ones included.
    public internal(set) var sessions = 0
    /// Rounds of sessions that no decode worker could ever hold; all of them count as misses.
    public internal(set) var refusedRounds = 0
    public internal(set) var refusedSessions = 0
    /// Gaps between output tokens of measured sessions in nanoseconds.
    public internal(set) var gaps = LogHistogram()
    /// End-to-end times of measured sessions in nanoseconds, tool time included.
    public internal(set) var endToEnd: [Int64] = []
    /// Busy share of the prefill workers until the last measured arrival.
    public internal(set) var prefillUtilisation = 0.0
    public internal(set) var decodeUtilisation = 0.0
    /// Largest share of its KV memory that a decode worker used.
    public internal(set) var peakMemoryShare = 0.0
    /// Sessions whose idle KV cache was evicted for others.
    public internal(set) var evictions = 0
    /// Tokens that were prefilled again because of evictions.
    public internal(set) var recomputedTokens = 0
    /// Whether an argument lay outside the fitted range of a cost function.
    public internal(set) var extrapolated = false
    public internal(set) var extremes = Extremes()
}
