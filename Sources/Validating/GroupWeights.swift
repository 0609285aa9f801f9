import DiscreteEvents

/// Weights of observations whose groups err alike.
///
/// What a group says of the constants differs from what another one says by more than its rows do
/// among themselves, so that a group counts as no more than a few rows. And a group that is far off
/// for reasons that no constant can mend counts the less, the farther it is off.
struct GroupWeights {
    enum Figure: Hashable {
        case ttft
        case tpot
    }

    /// A measured latency beside its prediction.
    struct Observed {
        let group: String
        let figure: Figure
        /// Logarithm of measured over predicted.
        let residual: Double
        /// Slope of the logarithm of the prediction by each constant.
        let slopes: [Double]
    }

    private struct Member: Hashable {
        let group: String
        let figure: Figure
    }

    /// Rows that a group counts as at most.
    private static let most = 10.0

    let weighted: [ConstantFit.Observation]

    init(_ observed: [Observed]) {
        let members = Dictionary(grouping: observed) { Member(group: $0.group, figure: $0.figure) }
        let weights = members.mapValues { rows in
            let error = Percentile.value(50, of: rows.map { abs($0.residual) }) ?? 0
            return min(1, Self.most / Double(rows.count))
                * min(1, ConstantFit.spread / max(error, ConstantFit.spread))
        }
        weighted = observed.map { one in
            ConstantFit.Observation(
                residual: one.residual, slopes: one.slopes,
                weight: weights[Member(group: one.group, figure: one.figure)] ?? 1)
        }
    }
}
