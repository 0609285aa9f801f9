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
    /// What prompts begin with, by places in `rounds`.
    public var prefixes = SharedPrefixes()
    /// Tools that are called after rounds, by places in `rounds`.
    public var tools = ToolLabels()
    /// Whose sessions they are, by their places in `arrivals`.
    public var tenants = TenantLabels()
    /// What prompts keep of what was said before, by places in `rounds`.
    public var histories = KeptHistories()
    /// Which sessions are started by rounds of others instead of arriving by themselves.
    public private(set) var trees = SessionTrees()
    /// Most jobs under way at once; `nil` where every job starts at its arrival.
    ///
    /// Where as many are under way, the next one starts when one of them has ended, and not before
    /// its arrival. At least 1.
    public var concurrency: Int?
    /// Rate that the arrivals were made for, where that is not simply their mean.
    public private(set) var nominalRate: Rate?

    public init() {}

    /// A table without sessions that knows the segments, tools and tenants of another.
    public init(vocabularyOf other: Self) {
        prefixes = other.prefixes.withoutRounds
        tools = other.tools.withoutRounds
        tenants = other.tenants.withoutSessions
    }

    /// A table without sessions that knows the tools and tenants of another, but not its segments.
    public init(labelsOf other: Self) {
        tools = other.tools.withoutRounds
        tenants = other.tenants.withoutSessions
    }

    public var count: Int { arrivals.count }

    /// Jobs: sessions that arrive by themselves, each with the tree of sessions that it starts.
    @inlinable
    public var jobCount: Int { trees.jobCount(of: count) }

    /// Adds a session that arrives by itself.
    ///
    /// - Precondition: `arrival` is not before the previous one and `rounds` is not empty.
    public mutating func append(arrival: Int64, rounds script: [RoundScript]) {
        append(arrival: arrival, rounds: script[...])
    }

    /// Adds a session that arrives by itself, with rounds of another one.
    public mutating func append(arrival: Int64, rounds script: ArraySlice<RoundScript>) {
        precondition(arrival >= (arrivals.last ?? 0) && !script.isEmpty)
        trees.addRoot(behind: count)
        add(arrival: arrival, script)
    }

    /// Adds a session that arrives when a round of the newest job ends.
    ///
    /// The round, by its place in `rounds`, goes on with the next one of its session when its own
    /// delay has passed and all sessions that it started have ended. Its `arrival` is the root's.
    ///
    /// - Precondition: the round belongs to the newest job, and the sessions of one round are added
    ///   one directly behind the other; `rounds` is not empty.
    public mutating func append(startedByRound round: Int, rounds script: [RoundScript]) {
        append(startedByRound: round, rounds: script[...])
    }

    /// Adds a session that arrives when a round of the newest job ends, with rounds of another one.
    public mutating func append(startedByRound round: Int, rounds script: ArraySlice<RoundScript>) {
        let newest = trees.sessions(ofJob: jobCount - 1).lowerBound
        precondition(
            (firstRound[newest]..<rounds.count).contains(round) && !script.isEmpty,
            "a round of the newest job")
        trees.addChild(of: round, behind: count)
        add(arrival: arrivals[newest], script)
    }

    private mutating func add(arrival: Int64, _ script: ArraySlice<RoundScript>) {
        arrivals.append(arrival)
        rounds.append(contentsOf: script)
        firstRound.append(rounds.count)
    }

    /// The same sessions, known to have been made for `rate`.
    public func nominally(_ rate: Rate) -> Self {
        var copy = self
        copy.nominalRate = rate
        return copy
    }

    public func rounds(of session: Int) -> ArraySlice<RoundScript> {
        rounds[firstRound[session]..<firstRound[session + 1]]
    }

    /// Tokens in the KV cache when a session's last round ends, and the most at the end of any.
    public func contexts(of session: Int) -> (final: Int, longest: Int) {
        var (context, longest) = (0, 0)
        for round in firstRound[session]..<firstRound[session + 1] {
            let script = rounds[round]
            context = histories.kept(of: context, byRound: round)
            context += Int(script.newTokens) + Int(script.outputTokens)
            longest = max(longest, context)
        }
        return (context, longest)
    }

    /// The most tokens in the KV cache at the end of a round, for each session.
    public var longestContexts: [Int] { (0..<count).map { contexts(of: $0).longest } }
}
