/// A piecewise linear quantile function.
public struct QuantileTable: Hashable, Sendable {
    public let probabilities: [Double]
    public let values: [Double]

    /// - Precondition: both have the same number of elements and never decrease; the probabilities
    ///   go from 0 to 1.
    public init(probabilities: [Double], values: [Double]) {
        precondition(probabilities.count == values.count && !values.isEmpty)
        self.probabilities = probabilities
        self.values = values
    }

    /// The value at probability `u`, from 0 to 1.
    public func quantile(_ u: Double) -> Double {
        let upper = firstPlace(in: probabilities, at: u)
        guard upper > 0 else { return values[0] }
        guard upper < values.count else { return values[values.count - 1] }
        let (low, high) = (probabilities[upper - 1], probabilities[upper])
        let share = (u - low) / (high - low)
        return values[upper - 1] + share * (values[upper] - values[upper - 1])
    }

    /// The probability of at most `x`.
    public func cumulative(at x: Double) -> Double {
        guard x >= values[0] else { return 0 }
        guard x < values[values.count - 1] else { return 1 }
        // The last of equal values has the probability of all of them.
        var (low, high) = (0, values.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if values[middle] <= x { low = middle } else { high = middle }
        }
        let share = (x - values[low]) / (values[high] - values[low])
        return probabilities[low] + share * (probabilities[high] - probabilities[low])
    }

    /// The first place whose entry is at least `u`; their number where there is none.
    private func firstPlace(in sorted: [Double], at u: Double) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < u { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
