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
    /// Nanoseconds, each within 0.025 %.
    private var gaps = CountedValues()
    private var starts: [Int64] = []
    private var sessionStarts: [Int64] = []
    private var (prefill, promptSum, outputSum) = (0, 0, 0)
    /// Prompt blocks, and those that an earlier call had shown; of traces that know them.
    private(set) var blocks: (all: Int, known: Int)? {
        get { blockCounts.map { ($0.all, $0.known) } }
        set { blockCounts = newValue.map { Blocks(all: $0.all, known: $0.known) } }
    }
    private var blockCounts: Blocks?

    private struct Blocks: Hashable {
        let all: Int
        let known: Int
    }

    init(gapMeaning: GapMeaning) { self.gapMeaning = gapMeaning }

    mutating func add(_ call: Call) {
        let fresh = max(0, call.fresh)
        if call.isFirst { initialPrefill.add(fresh) } else { incrementalPrefill.add(fresh) }
        prompts.add(call.prompt)
        outputs.add(call.output)
        prefill += fresh
        promptSum += call.prompt
        outputSum += call.output
        if let start = call.start {
            starts.append(start)
            if call.isFirst { sessionStarts.append(start) }
        }
        if let gap = call.gap { gaps.add(Self.rounded(gap)) }
    }

    mutating func endSession(rounds count: Int) {
        rounds.add(count)
        if count > 1 { roundsGivenMulti.add(count) }
    }

    mutating func count(blocks all: Int, known: Int) { blocks = (all, known) }

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
    public var arrivals: ArrivalFigures? {
        starts.count == calls ? ArrivalFigures(starts.sorted()) : nil
    }
    /// Of the first calls; nil where sessions lack times.
    public var sessionArrivals: ArrivalFigures? {
        sessionStarts.count == sessions ? ArrivalFigures(sessionStarts.sorted()) : nil
    }
    /// Share of prompt blocks that an unlimited prefix cache serves; nil where the trace has none.
    public var blockHitShare: Double? {
        blocks.flatMap { $0.all > 0 ? Double($0.known) / Double($0.all) : nil }
    }
    public var promptTokens: Int { promptSum }
    public var outputTokens: Int { outputSum }

    /// Twelve binary digits, so that long traces have few distinct values.
    private static func rounded(_ value: Int64) -> Int {
        guard value > 1 << 12 else { return Int(value) }
        let shift = Int64(63 - value.leadingZeroBitCount - 11)
        return Int(((value + 1 << (shift - 1)) >> shift) << shift)
    }
}
