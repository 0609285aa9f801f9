import DiscreteEvents

/// A row without a prediction.
public struct RefusedRow: Hashable, Sendable {
    public let id: String
    public let line: Int
    public let group: String
    public let reason: String

    public init(id: String, line: Int, group: String, reason: String) {
        self.id = id
        self.line = line
        self.group = group
        self.reason = reason
    }
}

/// Predictions beside measurements, with what they are worth.
public struct Validation: Hashable, Sendable {
    /// The figures of some rows.
    public struct Score: Hashable, Sendable {
        /// All rows, refused ones included.
        public let rows: Int
        public let predicted: Int
        /// Nil where nothing was predicted.
        public let errors: ErrorFigures?
        /// Spearman's correlation of predicted and measured TTFT inside a group.
        ///
        /// The median over groups where there are several; nil where none has three different rows.
        public let ttftCorrelation: Double?
        public let tpotCorrelation: Double?
        public let decisions: LayoutDecisions
        /// Nil where no row has an interval.
        public let coverage: IntervalCoverage?
    }

    public let predicted: [PredictedRow]
    public let refused: [RefusedRow]

    /// - Parameters:
    ///   - predicted: in the order of the file.
    ///   - refused: in the order of the file.
    public init(predicted: [PredictedRow], refused: [RefusedRow]) {
        self.predicted = predicted
        self.refused = refused
    }

    /// Names of the groups in the order of their first rows.
    public var groups: [String] {
        let places =
            predicted.map { ($0.row.line, $0.row.group) } + refused.map { ($0.line, $0.group) }
        var seen: Set<String> = []
        return places.sorted { $0.0 < $1.0 }.map(\.1).filter { seen.insert($0).inserted }
    }

    public var overall: Score { score(of: groups) }

    public func score(of group: String) -> Score { score(of: [group]) }

    private func score(of groups: [String]) -> Score {
        let names = Set(groups)
        let rows = predicted.filter { names.contains($0.row.group) }
        let refusedCount = refused.count { names.contains($0.group) }
        func correlation(_ figure: (MeanLatencies) -> Double) -> Double? {
            let each = groups.compactMap { group in
                RankCorrelation.spearman(
                    rows.filter { $0.row.group == group }
                        .map { (figure($0.predicted), figure($0.row.measured)) })
            }
            return Percentile.value(50, of: each)
        }
        return Score(
            rows: rows.count + refusedCount, predicted: rows.count, errors: ErrorFigures(rows),
            ttftCorrelation: correlation(\.ttft), tpotCorrelation: correlation(\.tpot),
            decisions: LayoutDecisions(rows), coverage: IntervalCoverage(rows))
    }
}
