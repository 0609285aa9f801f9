import DiscreteEvents

/// How a law compares with a sample, as draws from it come out.
struct FittedDistance {
    private let law: Distribution
    private let kind: FittingSample.Kind
    /// Only draws above this count.
    private let bound: Double

    init(_ law: Distribution, _ kind: FittingSample.Kind, above bound: Double = 0) {
        self.law = law
        self.kind = kind
        self.bound = bound
    }

    private var isWhole: Bool { kind != .continuous }

    /// The probability that a draw is at most `x`; whole ones are rounded, and 1 at least.
    private func cumulative(at x: Double) -> Double {
        guard bound > 0 else { return unbounded(at: x) }
        let left = unbounded(at: bound)
        return x > bound && left < 1 ? (unbounded(at: x) - left) / (1 - left) : 0
    }

    private func unbounded(at x: Double) -> Double {
        switch kind {
        case .continuous: x < 0 ? 0 : law.cumulative(at: x)
        case .counts, .whole: x < 1 ? 0 : law.cumulative(at: x.rounded(.down) + 0.5)
        }
    }

    /// The distance of Kolmogorov and Smirnov: the largest difference of the distribution functions.
    func kolmogorovSmirnov(_ sample: FittingSample) -> Double {
        var (passed, distance) = (0.0, 0.0)
        for (value, weight) in sample.values {
            // Just below the value, where the sample has what it had at the one before.
            let below =
                isWhole ? cumulative(at: value - 1) : cumulative(at: value.nextDown)
            distance = max(distance, (below - passed / sample.count).magnitude)
            passed += weight
            distance = max(distance, (cumulative(at: value) - passed / sample.count).magnitude)
        }
        return distance
    }

    /// The smallest number that the law does not exceed with that probability, up to 1e9.
    func percentile(_ p: Double) -> Double {
        let least = isWhole ? 1.0 : 0
        guard cumulative(at: least) < p / 100 else { return least }
        var (low, high) = (least, least + 1)
        while cumulative(at: high) < p / 100, high < 1e9 { (low, high) = (high, high * 2) }
        while isWhole ? high - low > 1 : high - low > 1e-12 * high {
            let middle = isWhole ? ((low + high) / 2).rounded(.down) : (low + high) / 2
            guard middle > low, middle < high else { break }
            if cumulative(at: middle) < p / 100 { low = middle } else { high = middle }
        }
        return high
    }

    /// The mean of draws, where those of the law itself have `mean`: what is below 1 comes out as 1.
    func mean(from mean: Double) -> Double {
        guard isWhole else { return mean }
        let steps = 64
        let below = (0..<steps).reduce(0) {
            $0 + law.cumulative(at: (Double($1) + 0.5) / Double(steps))
        }
        return mean + below / Double(steps)
    }

    /// The probability of a draw above `x`.
    func exceedance(of x: Double) -> Double { 1 - cumulative(at: x) }
}
