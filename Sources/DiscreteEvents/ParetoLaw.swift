/// A Pareto tail between two bounds: P(X > x) falls like x^−index, and nothing lies above the cap.
public struct ParetoLaw: Hashable, Sendable {
    /// Above 0.
    public let low: Double
    /// Above `low`.
    public let high: Double
    /// Above 0; the smaller, the heavier.
    public let index: Double

    public init(low: Double, high: Double, index: Double) {
        self.low = low
        self.high = high
        self.index = index
    }

    /// P(X > `high`) without the cap.
    private var beyond: Double { tail(high) }

    private func tail(_ x: Double) -> Double {
        DeterministicMath.exp(index * DeterministicMath.log(low / x))
    }

    /// The probability of at most `x`.
    public func cumulative(at x: Double) -> Double {
        guard x > low else { return 0 }
        guard x < high else { return 1 }
        return (1 - tail(x)) / (1 - beyond)
    }

    /// The number at which the law reaches probability `u`, strictly between 0 and 1.
    public func quantile(_ u: Double) -> Double {
        let rest = 1 - u * (1 - beyond)
        return min(high, low * DeterministicMath.exp(-DeterministicMath.log(rest) / index))
    }
}
