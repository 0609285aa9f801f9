public import DiscreteEvents

/// What one run showed about its measured sessions.
public struct SimulationResult: Sendable {
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
    /// Growth of the number of rounds that do not decode yet, over the rounds released, between the
    /// first and the last measured arrival: about 0 in a steady state, 1 - 1 / load in overload.
    public internal(set) var backlogGrowth = 0.0
    /// The same growth as a number of rounds.
    public internal(set) var backlogRounds = 0
    /// Busy share of the prefill workers until the last measured arrival.
    public internal(set) var prefillUtilisation = 0.0
    public internal(set) var decodeUtilisation = 0.0
    /// Largest share of its KV memory that a decode worker used.
    public internal(set) var peakMemoryShare = 0.0
    /// Measured sessions' KV caches that were evicted for others.
    public internal(set) var evictions = 0
    /// Tokens of measured sessions that were prefilled again because of evictions.
    public internal(set) var recomputedTokens = 0
    /// Time of all steps of all workers, in ticks.
    var computeTicks: Int128 = 0
    /// Time of steps outside the fitted range of their worker's cost functions, in ticks.
    var extrapolatedTicks: Int128 = 0
}
