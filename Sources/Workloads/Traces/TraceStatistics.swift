/// What the calls of a trace are like: exact figures in one pass.
///
/// A call is one request to a model, a round of its session. Its fresh tokens are those of its prompt that
/// are neither in the prompt of the call before it nor the answer to that; a history that was trimmed
/// leaves fewer than none, which count as none.
public struct TraceStatistics: Hashable, Sendable {
    /// One call.
    struct Call {
        /// Whether a session begins with it.
        let isFirst: Bool
        /// The whole prompt, history included.
        let prompt: Int
        let fresh: Int
        /// Whether the history before it was replaced by a shorter one, so that what is fresh says what
        /// an engine has to compute, and not what was said.
        let isCompacted: Bool
        let output: Int
        /// Nanoseconds; nil where the trace has no times.
        var start: Int64?
        /// Nanoseconds since the call before it, in the sense of `gapMeaning`; nil where there is none.
        var gap: Int64?
    }

    /// What lies between two calls of a session, as far as the trace says.
    public enum GapMeaning: String, Hashable, Sendable {
        /// From the end of a call to the start of the next: tools and thinking.
        case delay = "delay_s"
        /// From start to start: how long the first was served is in it.
        case startToStart = "start_to_start_gap_s"
    }

    public let gapMeaning: GapMeaning
    public private(set) var initialPrefill = CountedValues()
    public private(set) var incrementalPrefill = CountedValues()
    public private(set) var prompts = CountedValues()
    public private(set) var outputs = CountedValues()
    /// Calls of each session.
    public private(set) var rounds = CountedValues()
    /// Calls of each session that has more than one.
    public private(set) var roundsGivenMulti = CountedValues()
    /// Calls whose history was replaced by a shorter one: their prompts are new but for what they share
    /// with earlier ones.
    public private(set) var compactions = 0
    /// What is told of contexts that became shorter, and when.
    public private(set) var shortened = Shortened()
    /// Sessions that calls of others started, where all other figures leave them out.
    public private(set) var apart = Apart()
    /// Tokens of all rounds as they are simulated, those of `apart` included: none has 0.
    public private(set) var simulated = Simulated()
    /// Figures that only this format has, and sums to check the reading by.
    public internal(set) var (details, checkSums): ([TraceDetail], [TraceDetail]) = ([], [])
    /// Whether lengths were estimated from texts.
    public internal(set) var areEstimates = false
    /// Nanoseconds, each within 0.025 %.
    public private(set) var gaps = CountedValues()
    private var (starts, sessionStarts) = (ArrivalCounter(), ArrivalCounter())
    private var (started, startedSessions) = (0, 0)
    private var (prefill, computed, promptSum, outputSum) = (0, 0, 0, 0)
    private var blockCounts: Blocks?

    public struct Apart: Hashable, Sendable {
        public internal(set) var (sessions, calls) = (0, 0)
    }

    /// Calls that keep less than 90 % of what was said before.
    public struct Shortened: Hashable, Sendable {
        /// Tokens that such calls keep, and those behind them.
        public internal(set) var (histories, newTokens) = (CountedValues(), CountedValues())
        /// Longest prompts of sessions with such a call, and of those without.
        public internal(set) var (limits, others) = (CountedValues(), CountedValues())
    }

    public struct Simulated: Hashable, Sendable {
        public internal(set) var (newTokens, outputTokens) = (0, 0)
    }

    private struct Blocks: Hashable {
        let all: Int
        let known: Int
    }

    init(gapMeaning: GapMeaning) { self.gapMeaning = gapMeaning }

    mutating func add(_ call: Call) {
        let fresh = max(0, call.fresh)
        if call.isCompacted {
            compactions += 1
        } else {
            if call.isFirst { initialPrefill.add(fresh) } else { incrementalPrefill.add(fresh) }
            prefill = prefill.addingUpTo(fresh)
        }
        computed = computed.addingUpTo(fresh)
        prompts.add(call.prompt)
        outputs.add(call.output)
        promptSum = promptSum.addingUpTo(call.prompt)
        outputSum = outputSum.addingUpTo(call.output)
        if let start = call.start {
            starts.add(start)
            started += 1
            if call.isFirst {
                sessionStarts.add(start)
                startedSessions += 1
            }
        }
        if let gap = call.gap { gaps.add(CountedValues.rounded(gap)) }
    }

    /// A call of a session that others started and that is counted apart.
    mutating func addApart() { apart.calls += 1 }

    mutating func endApart() { apart.sessions += 1 }

    /// Counts the tokens of a round that is simulated, apart or not.
    mutating func count(simulated newTokens: Int, _ outputTokens: Int) {
        simulated.newTokens += newTokens
        simulated.outputTokens += outputTokens
    }

    /// A call that keeps less than 90 % of what was said before.
    mutating func addShortened(history: Int, newTokens: Int) {
        shortened.histories.add(history)
        shortened.newTokens.add(newTokens)
    }

    /// The longest prompt of a session that has ended.
    mutating func count(longestPrompt: Int, wasShortened: Bool) {
        if wasShortened {
            shortened.limits.add(longestPrompt)
        } else {
            shortened.others.add(longestPrompt)
        }
    }

    mutating func endSession(rounds count: Int) {
        rounds.add(count)
        if count > 1 { roundsGivenMulti.add(count) }
    }

    mutating func count(blocks all: Int, known: Int) {
        blockCounts = Blocks(all: all, known: known)
    }

    public var calls: Int { prompts.count }
    public var sessions: Int { rounds.count }
    public var multiRoundShare: Double? {
        sessions > 0 ? Double(roundsGivenMulti.count) / Double(sessions) : nil
    }
    /// Fresh tokens per call.
    public var newPrefillPerRound: Double? {
        calls > 0 ? Double(prefill) / Double(calls) : nil
    }
    /// In seconds.
    public var gapFigures: TraceFigures? { gaps.figures?.scaled(by: 1e-9) }
    /// Nil where calls lack times.
    public var arrivals: ArrivalFigures? { started == calls ? starts.figures() : nil }
    /// Of the first calls; nil where sessions lack times.
    public var sessionArrivals: ArrivalFigures? {
        startedSessions == sessions ? sessionStarts.figures() : nil
    }
    /// Share of prompt blocks that an unlimited prefix cache serves; nil where the trace has none.
    public var blockHitShare: Double? {
        blockCounts.flatMap { $0.all > 0 ? Double($0.known) / Double($0.all) : nil }
    }
    /// Share of prompt tokens that are history of their own session.
    public var historyShare: Double? {
        promptSum > 0 ? 1 - Double(computed) / Double(promptSum) : nil
    }
    public var promptTokens: Int { promptSum }
    public var outputTokens: Int { outputSum }
    /// Fresh tokens of all calls.
    public var freshTokens: Int { prefill }
}

extension Int {
    /// The sum, or the largest number where that is larger.
    fileprivate func addingUpTo(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
