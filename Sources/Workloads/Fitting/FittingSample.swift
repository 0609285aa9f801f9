import DiscreteEvents

/// Observed values of one quantity, to which laws are fitted.
struct FittingSample {
    /// What kind of numbers they are.
    enum Kind {
        /// Whole numbers from 1 upwards, few enough for laws of such numbers alone.
        case counts
        /// Whole numbers from 1 upwards, to which draws are rounded.
        case whole
        /// Any number from 0 upwards.
        case continuous
    }

    let kind: Kind
    /// Different values in ascending order, each with how often it occurred.
    let values: [(value: Double, weight: Double)]
    let count: Double
    let mean: Double

    /// Values as they are counted, times a factor.
    ///
    /// Whole ones below 1 count as 1, others below 0 as 0; those have four significant digits, which
    /// is what times are kept with. What is above `most` counts as that. Nil where there are none.
    init?(
        _ counted: CountedValues, _ kind: Kind, scale: Double = 1, most: Double = .infinity
    ) {
        let least = kind == .continuous ? 0.0 : 1
        self.init(
            counted.sorted.map { value, count in
                let scaled = min(most, max(least, Double(value) * scale))
                return (kind == .continuous ? scaled.rounded(toDigits: 4) : scaled, Double(count))
            }, kind)
    }

    /// - Parameters:
    ///   - ascending: values with their weights; equal neighbours become one.
    ///   - kind: of the numbers.
    init?(_ ascending: [(value: Double, weight: Double)], _ kind: Kind) {
        self.kind = kind
        var merged: [(value: Double, weight: Double)] = []
        for (value, weight) in ascending {
            if let last = merged.last, last.value == value {
                merged[merged.count - 1].weight += weight
            } else {
                merged.append((value, weight))
            }
        }
        guard !merged.isEmpty else { return nil }
        values = merged
        count = merged.reduce(0) { $0 + $1.weight }
        mean = merged.reduce(0) { $0 + $1.value * $1.weight } / count
    }

    /// The values above 0, where there are others too; nil where there is nothing to leave out, or
    /// nothing left.
    var positive: (share: Double, sample: FittingSample)? {
        guard values[0].value <= 0, values.count > 1,
            let rest = FittingSample(Array(values.dropFirst()), kind)
        else { return nil }
        return (rest.count / count, rest)
    }

    /// The values above the least of `counts`; nil where there are none, and for other kinds.
    var aboveOne: FittingSample? {
        guard kind == .counts else { return nil }
        return FittingSample(values.filter { $0.value > 1 }, kind)
    }

    var greatest: Double { values[values.count - 1].value }

    /// By linear interpolation between order statistics.
    func percentile(_ p: Double) -> Double {
        let position = p / 100 * (count - 1)
        let low = order(position.rounded(.down))
        return low + (position - position.rounded(.down)) * (order(position.rounded(.up)) - low)
    }

    /// The order statistic of that rank, counted from 0.
    private func order(_ rank: Double) -> Double {
        var passed = 0.0
        for (value, weight) in values {
            passed += weight
            if rank < passed { return value }
        }
        return greatest
    }

    /// Where the percentile of the law behind the sample lies with 95 % confidence, by the ranks that
    /// a binomial number takes: no law is assumed, only independent values.
    func interval(_ p: Double) -> ClosedRange<Double> {
        let spread = 1.959963984540054 * (count * p / 100 * (1 - p / 100)).squareRoot()
        let (low, high) = (count * p / 100 - spread, count * p / 100 + spread)
        let first = order(max(0, low.rounded(.down) - 1))
        return first...max(first, order(min(count - 1, high.rounded(.up) - 1)))
    }
}
