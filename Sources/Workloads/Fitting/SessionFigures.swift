public import ServingDomain

/// What drawn sessions are like, quantity by quantity, with the error that so many draws have.
public struct SessionFigures: Hashable, Sendable {
    public struct Row: Hashable, Sendable {
        public let quantity: WorkloadFit.Quantity
        public let figures: TraceFigures
        /// Where the percentiles of the law lie with 95 % confidence, as far as these draws tell; nil where these
        /// are not independent of each other.
        public let p50Interval: ClosedRange<Double>?
        public let p95Interval: ClosedRange<Double>?
    }

    /// In the order of `Quantity`; those without a value are missing.
    public let rows: [Row]

    /// - Parameters:
    ///   - table: what was drawn.
    ///   - isIndependent: whether each value was drawn by itself, and not with its session.
    public init(_ table: SessionTable, isIndependent: Bool = true) {
        let counted = Self.counted(table)
        rows = WorkloadFit.Quantity.allCases.compactMap { quantity in
            counted[quantity].flatMap { Self.row(quantity, $0, isIndependent) }
        }
    }

    private static func counted(_ table: SessionTable) -> [WorkloadFit.Quantity: CountedValues] {
        var counted: [WorkloadFit.Quantity: CountedValues] = [:]
        for session in 0..<table.count {
            let rounds = table.rounds(of: session)
            counted[.rounds, default: CountedValues()].add(rounds.count)
            for (place, round) in rounds.enumerated() {
                let prompt = place == 0 ? WorkloadFit.Quantity.firstPrefillTokens : .prefillTokens
                // A compacted prompt has other new tokens than those of the law.
                let index = table.firstRound[session] + place
                if table.histories.tokens(ofRound: index) == KeptHistories.all {
                    counted[prompt, default: CountedValues()].add(Int(round.newTokens))
                }
                counted[.decodeTokens, default: CountedValues()].add(Int(round.outputTokens))
                guard place + 1 < rounds.count else { continue }
                counted[.environmentDelay, default: CountedValues()]
                    .add(CountedValues.rounded(round.delayAfter))
            }
        }
        return counted
    }

    private static func row(
        _ quantity: WorkloadFit.Quantity, _ values: CountedValues, _ isIndependent: Bool
    ) -> Row? {
        let isTime = quantity == .environmentDelay
        let scale = isTime ? 1e-9 : 1
        guard let figures = values.figures?.scaled(by: scale),
            let sample = FittingSample(values, isTime ? .continuous : .whole, scale: scale)
        else { return nil }
        return Row(
            quantity: quantity, figures: figures,
            p50Interval: isIndependent ? sample.interval(50) : nil,
            p95Interval: isIndependent ? sample.interval(95) : nil)
    }
}
