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

        public init(
            rounds: Law, reading: LengthReading, prefillTokens: Law,
            firstPrefillTokens: Law? = nil, decodeTokens: Law, environmentDelay: Law,
            prefixGroups: PrefixGroups? = nil
        ) {
            self.rounds = rounds
            self.reading = reading
            self.prefillTokens = prefillTokens
            self.firstPrefillTokens = firstPrefillTokens
            self.decodeTokens = decodeTokens
            self.environmentDelay = environmentDelay
            self.prefixGroups = prefixGroups
        }
    }

    public enum Sessions: Hashable, Sendable {
        case synthetic(Synthetic)
        case recorded(SessionTable)
    }

    public var sessions: Sessions
    /// Offered load; recorded arrivals are stretched or squeezed to it where it is given.
    public var rate: Rate

    public init(sessions: Sessions, rate: Rate) {
        self.sessions = sessions
        self.rate = rate
    }
}
