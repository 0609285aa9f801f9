public import DiscreteEvents

/// What one run showed about its measured sessions.
public struct SimulationResult: Sendable {
    /// Arguments of cost functions: tokens of the step, and cached tokens (per sequence).
    public struct Arguments: Hashable, Sendable {
        public let tokens: Int
        public let cached: Int
    }

    /// The arguments with most tokens and those with most cached tokens, of each cost function.
    public struct Extremes: Hashable, Sendable {
        public private(set) var prefill: [Arguments] = []
        public private(set) var decode: [Arguments] = []

        mutating func notePrefill(_ arguments: Arguments) { Self.note(arguments, &prefill) }

        mutating func noteDecode(_ arguments: Arguments) { Self.note(arguments, &decode) }

        private static func note(_ arguments: Arguments, _ seen: inout [Arguments]) {
            guard seen.count == 2 else {
                seen = [arguments, arguments]
                return
            }
            if arguments.tokens > seen[0].tokens { seen[0] = arguments }
            if arguments.cached > seen[1].cached { seen[1] = arguments }
        }
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
    /// Whether an argument lay outside the fitted range of a cost function.
    public internal(set) var extrapolated = false
    public internal(set) var extremes = Extremes()
}
