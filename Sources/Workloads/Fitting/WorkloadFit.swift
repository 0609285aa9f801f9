public import ServingDomain

/// Laws for the sessions of a trace: one for each quantity, independent of each other.
///
/// What is fitted is what the figures of the trace count. Sub-agents that these leave out, and prefixes
/// that sessions share, are left out here too; `notes` says so.
public struct WorkloadFit: Sendable {
    /// A quantity that has a law.
    public enum Quantity: String, Hashable, Sendable, CaseIterable {
        case rounds
        case firstPrefillTokens = "first_prefill_tokens"
        case prefillTokens = "prefill_tokens"
        case decodeTokens = "decode_tokens"
        case environmentDelay = "environment_delay_s"

        /// `rounds`, `tokens` or `s`.
        public var unit: String {
            switch self {
            case .rounds: "rounds"
            case .firstPrefillTokens, .prefillTokens, .decodeTokens: "tokens"
            case .environmentDelay: "s"
            }
        }

        /// In which means and bounds of case files lie.
        fileprivate var range: ClosedRange<Double> {
            switch self {
            case .rounds: 1...10_000
            case .firstPrefillTokens, .prefillTokens, .decodeTokens: 1...1e7
            case .environmentDelay: 0...1e6
            }
        }
    }

    /// A quantity with its law.
    public struct Fitted: Hashable, Sendable {
        public let quantity: Quantity
        public let fit: LawFit
    }

    /// In the order of `Quantity`; those without a value in the trace are missing.
    public let laws: [Fitted]
    public let arrivals: ArrivalFit?
    public let sessions: Workload.Synthetic
    /// Whole prompts of the trace, and of sessions drawn from the laws: what independent quantities
    /// make of them.
    public let prompts: (source: TraceFigures, drawn: TraceFigures)?
    /// One sentence for each thing that the laws leave out, but for what becomes of whole prompts.
    public let notes: [String]
    /// One sentence on whole prompts where the laws miss them: where the median of those of drawn sessions is
    /// more than 5 %, or their P95 more than 10 %, off that of the trace.
    public let missedPrompts: String?

    public init(_ statistics: TraceStatistics) {
        let samples: [(Quantity, FittingSample?)] = [
            (.rounds, Self.sample(statistics.rounds, .counts, .rounds)),
            (
                .firstPrefillTokens,
                Self.sample(statistics.initialPrefill, .whole, .firstPrefillTokens)
            ),
            (.prefillTokens, Self.sample(statistics.incrementalPrefill, .whole, .prefillTokens)),
            (.decodeTokens, Self.sample(statistics.outputs, .whole, .decodeTokens)),
            (
                .environmentDelay,
                Self.sample(statistics.gaps, .continuous, .environmentDelay, scale: 1e-9)
            ),
        ]
        let laws = samples.compactMap { quantity, sample in
            sample.map { Fitted(quantity: quantity, fit: LawFit($0, in: quantity.range)) }
        }
        func law(_ quantity: Quantity) -> Law? {
            laws.first { $0.quantity == quantity }?.fit.chosen.law
        }
        let first = law(.firstPrefillTokens)
        self.laws = laws
        arrivals = ArrivalFit(statistics)
        sessions = Workload.Synthetic(
            rounds: law(.rounds) ?? .constant(1), reading: .perRound,
            prefillTokens: law(.prefillTokens) ?? first ?? .constant(1),
            firstPrefillTokens: law(.prefillTokens) == nil ? nil : first,
            decodeTokens: law(.decodeTokens) ?? .constant(1),
            environmentDelay: law(.environmentDelay) ?? .constant(0),
            compaction: CompactionFit(statistics.shortened)?.laws)
        prompts = Self.prompts(sessions).flatMap { drawn in
            statistics.prompts.figures.map { ($0, drawn) }
        }
        notes = Self.notes(statistics)
        missedPrompts = statistics.roundsGivenMulti.count > 0 ? Self.miss(prompts) : nil
    }

    private static func sample(
        _ values: CountedValues, _ kind: FittingSample.Kind, _ quantity: Quantity,
        scale: Double = 1
    ) -> FittingSample? {
        FittingSample(values, kind, scale: scale, most: quantity.range.upperBound)
    }

    /// Rounds that are drawn to see how long prompts become.
    private static let drawnRounds = 200_000.0

    private static func prompts(_ sessions: Workload.Synthetic) -> TraceFigures? {
        let rate = Rate(sessionsPerSecond: 1)
        return SessionGenerator(
            workload: Workload(sessions: .synthetic(sessions), rate: rate), seed: 1
        ).sessions(count: Int(drawnRounds / max(1, sessions.rounds.mean)) + 1, rate: rate)
            .promptFigures
    }

    /// Relative differences of the median and the P95 of prompts that laws may make.
    private static let (medianTolerance, tailTolerance) = (0.05, 0.1)

    /// How far prompts are off those of the trace, in tolerances.
    private static func distance(_ drawn: TraceFigures, from source: TraceFigures) -> Double {
        max(
            (drawn.p50 / source.p50 - 1).magnitude / medianTolerance,
            (drawn.p95 / source.p95 - 1).magnitude / tailTolerance)
    }

    /// Whether whole prompts of whole sessions are nearer to those of the trace than the laws'.
    public func isFarther(than whole: WholeSessions) -> Bool {
        guard let prompts, let others = whole.prompts else { return false }
        return Self.distance(others, from: prompts.source)
            < Self.distance(prompts.drawn, from: prompts.source)
    }

    private static func miss(_ prompts: (source: TraceFigures, drawn: TraceFigures)?) -> String? {
        guard let (source, drawn) = prompts, distance(drawn, from: source) > 1 else { return nil }
        return """
            Whole prompts of sessions drawn from laws have a median of \(Int(drawn.p50)) and a P95 of \
            \(Int(drawn.p95)) tokens, those of the trace \(Int(source.p50)) and \(Int(source.p95)): \
            rounds of one session depend on each other, and laws know nothing of it.
            """
    }

    /// Fewer sessions than these tell little of what is behind them.
    private static let fewSessions = 30

    private static func notes(_ statistics: TraceStatistics) -> [String] {
        var notes: [String] = []
        if statistics.sessions < fewSessions {
            notes.append(
                "Laws of few sessions (\(statistics.sessions)) say little of others; see the intervals."
            )
        }
        let lengths = [
            statistics.initialPrefill, statistics.incrementalPrefill, statistics.outputs,
        ]
        if lengths.contains(where: { $0.figures?.max ?? 0 > Quantity.decodeTokens.range.upperBound }
        )
            || statistics.gapFigures?.max ?? 0 > Quantity.environmentDelay.range.upperBound
        {
            notes.append(
                """
                Lengths above 10,000,000 tokens and delays above 1,000,000 s count as those, which is the most \
                that a workload file may hold.
                """)
        }
        if statistics.apart.sessions > 0 {
            notes.append(
                """
                Sub-agents are left out: \(statistics.apart.sessions) sessions of \
                \(statistics.apart.calls) calls.
                """)
        }
        if statistics.shortened.histories.count > 0 {
            notes.append(
                """
                Calls that keep less than 90 % of what was said before: \
                \(statistics.shortened.histories.count). They are taken for contexts that reached a limit \
                of their session (context_limit_tokens).
                """)
        }
        if statistics.gaps.count == 0, statistics.roundsGivenMulti.count > 0 {
            notes.append("The trace tells no delays between rounds: they are 0.")
        }
        if let shared = statistics.sharedBlockShare, shared >= 0.01 {
            notes.append(
                """
                Prompts begin alike across sessions and no law says so: \
                \(Int((shared * 100).rounded())) % of the prompt blocks were known from other sessions.
                """)
        }
        return notes
    }
}

extension TraceStatistics {
    /// Share of prompt blocks that an unlimited prefix cache serves beyond the history of the session
    /// itself; nil where the trace has no blocks.
    fileprivate var sharedBlockShare: Double? {
        guard let blockHitShare, let historyShare else { return nil }
        return max(0, blockHitShare - historyShare)
    }
}
