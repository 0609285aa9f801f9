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

    public init() {}

    /// A table without sessions that knows the segments and tools of another.
    public init(vocabularyOf other: Self) {
        prefixes = other.prefixes.withoutRounds
        tools = other.tools.withoutRounds
    }

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

    /// Lets all prompts of the newest session begin with a list of `prefixes`.
    ///
    /// - Precondition: the session's first prompt is at least as long as the list's tokens.
    public mutating func setPrefix(_ list: Range<Int32>) {
        let tokens = prefixes.tokens(in: Int(list.lowerBound)..<Int(list.upperBound))
        precondition(tokens <= Int(rounds[firstRound[count - 1]].newTokens))
        for round in firstRound[count - 1]..<rounds.count {
            prefixes.set(list, ofRound: round)
        }
    }

    /// Says which tool is called after a round of the newest session, counted from 0.
    public mutating func setTool(_ label: Int16, afterRound round: Int) {
        tools.set(label, ofRound: firstRound[count - 1] + round)
    }

    /// Adds a copy of a session of `other`, from which this table has its vocabulary.
    public mutating func append(arrival: Int64, copying session: Int, of other: Self) {
        append(arrival: arrival, rounds: other.rounds(of: session))
        let (source, target) = (other.firstRound[session], firstRound[count - 1])
        for round in 0..<rounds.count - target {
            prefixes.copyList(ofRound: source + round, of: other.prefixes, to: target + round)
            tools.set(other.tools.label(ofRound: source + round), ofRound: target + round)
        }
    }

    public func rounds(of session: Int) -> ArraySlice<RoundScript> {
        rounds[firstRound[session]..<firstRound[session + 1]]
    }

    /// Tokens in the KV cache when the session's last round ends.
    public func finalContext(of session: Int) -> Int {
        rounds(of: session).reduce(0) { $0 + Int($1.newTokens) + Int($1.outputTokens) }
    }
}
