/// What the sessions look like and how often they come.
public struct Workload: Hashable, Sendable {
    /// What the lengths of a workload count.
    public enum LengthReading: String, Hashable, Sendable, CaseIterable, Codable {
        /// New prompt tokens and output tokens of each round.
        case perRound = "per_round"
        /// The whole prompt of each call, history included.
        case fullPrompt = "full_prompt"
        /// Totals over all rounds of a session, split evenly.
        case perSession = "per_session"
    }

    /// Prompt prefixes that sessions share, such as the system prompts of a few agents.
    public struct PrefixGroups: Hashable, Sendable {
        /// How often the groups are drawn.
        public enum Popularity: String, Hashable, Sendable, CaseIterable, Codable {
            case uniform
            /// Group k of 1, 2, 3 … in proportion to 1 / k.
            case zipf
        }

        /// Groups, at least 1; every session belongs to one of them.
        public var count: Int
        /// Tokens of a group's prefix, drawn once for the group.
        ///
        /// They come before what the laws of the prompts give.
        public var tokens: Law
        public var popularity: Popularity

        public init(count: Int, tokens: Law, popularity: Popularity = .uniform) {
            self.count = count
            self.tokens = tokens
            self.popularity = popularity
        }
    }

    /// Sessions that rounds start: agents that call agents.
    public struct Fanout: Hashable, Sendable {
        /// Most sessions of one job, whatever the law draws.
        public static let mostSessions = 10_000

        /// Sessions that a round starts, drawn for every round and rounded to a whole number from 0
        /// to 1,000; they follow the same laws as the others.
        public var children: Law
        /// Generations below the root, at least 1: those of the last start nothing.
        public var depth: Int

        public init(children: Law, depth: Int = 1) {
            self.children = children
            self.depth = depth
        }
    }

    /// Contexts that are replaced by shorter ones when they grow too long, as agents do.
    public struct Compaction: Hashable, Sendable {
        /// Tokens of the longest prompt of a session, drawn once for it.
        public var limit: Law
        /// Tokens of its history with which a compacted prompt begins, never fewer than the prefix
        /// that it shares.
        public var history: Law
        /// Tokens behind them, a summary and what is new, in place of the new tokens of the round.
        public var newTokens: Law

        public init(limit: Law, history: Law, newTokens: Law) {
            self.limit = limit
            self.history = history
            self.newTokens = newTokens
        }
    }

    /// Sessions drawn from laws.
    public struct Synthetic: Hashable, Sendable {
        public var rounds: Law
        public var reading: LengthReading
        public var prefillTokens: Law
        /// Where given, the first round's prompt instead of `prefillTokens` (only `perRound`).
        public var firstPrefillTokens: Law?
        public var decodeTokens: Law
        /// Time between the end of a round and the release of the next, in seconds.
        public var environmentDelay: Law
        public var prefixGroups: PrefixGroups?
        public var fanout: Fanout?
        /// Nil where contexts only grow (only `perRound`).
        public var compaction: Compaction?

        public init(
            rounds: Law, reading: LengthReading, prefillTokens: Law,
            firstPrefillTokens: Law? = nil, decodeTokens: Law, environmentDelay: Law,
            prefixGroups: PrefixGroups? = nil, fanout: Fanout? = nil,
            compaction: Compaction? = nil
        ) {
            self.rounds = rounds
            self.reading = reading
            self.prefillTokens = prefillTokens
            self.firstPrefillTokens = firstPrefillTokens
            self.decodeTokens = decodeTokens
            self.environmentDelay = environmentDelay
            self.prefixGroups = prefixGroups
            self.fanout = fanout
            self.compaction = compaction
        }
    }

    public enum Sessions: Hashable, Sendable {
        case synthetic(Synthetic)
        case recorded(SessionTable)
    }

    /// Times of a higher rate, whose lengths and distances are exponential.
    public struct Bursts: Hashable, Sendable {
        /// The rate in bursts over that between them, at least 1.
        public var ratio: Double
        /// Share of the time that bursts take, between 0 and 1.
        public var share: Double
        /// Mean length in seconds, above 0, whatever the rate.
        public var duration: Double

        public init(ratio: Double, share: Double, duration: Double) {
            self.ratio = ratio
            self.share = share
            self.duration = duration
        }
    }

    /// A rate that repeats itself.
    public struct RateCycle: Hashable, Sendable {
        /// The rate in equal parts of the cycle, relative to each other: none is negative, one is
        /// positive.
        public var rates: [Double]
        /// Seconds, above 0.
        public var period: Double

        public init(rates: [Double], period: Double) {
            self.rates = rates
            self.period = period
        }
    }

    /// How jobs follow each other; a job is a session with all that it starts.
    public enum Arrivals: Hashable, Sendable {
        case poisson
        /// Independent gaps of the gamma law with this coefficient of variation, above 0: 1 is
        /// Poisson, more is burstier.
        case gamma(cv: Double)
        /// Independent gaps of the Weibull law with this coefficient of variation, from 0.01 to 100.
        case weibull(cv: Double)
        /// Poisson's with two rates in turn: bursts, and the time between them.
        case markovModulated(Bursts)
        /// Poisson's with a rate that follows a cycle, such as that of a day.
        case profile(RateCycle)
        /// Even gaps.
        case deterministic
        /// The recorded arrivals, stretched to the rate; Poisson where nothing is recorded.
        case replay
        /// All wait from the start for one of `concurrency` places: a closed loop.
        case closed
    }

    /// Names of the tenants that sessions belong to; none where the workload does not tell.
    public var tenants: [String] {
        if case .recorded(let table) = sessions { table.tenants.names } else { [] }
    }

    public var sessions: Sessions
    /// Offered load in jobs per second; infinite in a closed loop.
    public var rate: Rate
    public var arrivals: Arrivals
    /// Most jobs under way at once, at least 1; `nil` where every job starts at its arrival.
    public var concurrency: Int?

    /// Sessions that arrive at a rate; recorded ones by their own pattern, others by Poisson's
    /// unless `arrivals` says otherwise.
    public init(
        sessions: Sessions, rate: Rate, arrivals: Arrivals? = nil, concurrency: Int? = nil
    ) {
        self.sessions = sessions
        self.rate = rate
        self.concurrency = concurrency
        if case .recorded = sessions {
            self.arrivals = arrivals ?? .replay
        } else {
            self.arrivals = arrivals ?? .poisson
        }
    }
}
