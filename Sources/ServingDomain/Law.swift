/// A law that a length, a number of rounds or a delay follows.
///
/// Means and bounds are in the unit of the quantity: tokens, rounds or seconds.
public enum Law: Hashable, Sendable {
    /// One of the laws of a mixture.
    public struct Component: Hashable, Sendable {
        /// Above 0; its share is the weight over the sum of all.
        public var weight: Double
        /// Any but a mixture.
        public var law: Law

        public init(weight: Double, law: Law) {
            self.weight = weight
            self.law = law
        }
    }

    case constant(Double)
    case uniform(low: Double, high: Double)
    case exponential(mean: Double)
    /// `cv` is the standard deviation over the mean, here and below.
    case lognormal(mean: Double, cv: Double)
    case gamma(mean: Double, cv: Double)
    case weibull(mean: Double, cv: Double)
    /// A tail that falls like x^−index between bounds above 0.
    case pareto(low: Double, high: Double, index: Double)
    /// Whole numbers from 1 upwards with the given mean (at least 1).
    case geometric(mean: Double)
    /// The same with a variation of more than √(mean − 1) / mean.
    case negativeBinomial(mean: Double, cv: Double)
    /// Each value with equal probability.
    case empirical([Double])
    /// Values at probabilities from 0 to 1, linear between them; both never decrease and are equally
    /// many.
    case quantiles(probabilities: [Double], values: [Double])
    case mixture([Component])

    public var mean: Double {
        switch self {
        case .constant(let value): value
        case .uniform(let low, let high): (low + high) / 2
        case .exponential(let mean), .lognormal(let mean, _), .geometric(let mean),
            .gamma(let mean, _), .weibull(let mean, _), .negativeBinomial(let mean, _):
            mean
        case .pareto(let low, let high, let index): Self.paretoMean(low, high, index)
        case .empirical(let values): values.reduce(0, +) / Double(max(values.count, 1))
        case .quantiles(let probabilities, let values): Self.tableMean(probabilities, values)
        case .mixture(let components):
            components.reduce(0) { $0 + $1.weight * $1.law.mean }
                / components.reduce(0) { $0 + $1.weight }
        }
    }

    /// That of each piece is in its middle.
    private static func tableMean(_ probabilities: [Double], _ values: [Double]) -> Double {
        var sum = 0.0
        for place in 1..<max(1, min(probabilities.count, values.count)) {
            let share = probabilities[place] - probabilities[place - 1]
            sum += share * (values[place] + values[place - 1]) / 2
        }
        return sum
    }

    /// a · low / (1 − a) · (rᵃ / r − 1) / (1 − rᵃ) with r = low / high, which has a limit at a = 1.
    private static func paretoMean(_ low: Double, _ high: Double, _ index: Double) -> Double {
        guard high > low else { return low }
        let a = (1 - index).magnitude < 1e-5 ? 1.00001 : index
        let ratio = low / high
        let power = power(ratio, a)
        return a * low / (1 - a) * (power / ratio - 1) / (1 - power)
    }

    /// `base` to an exponent from 0 to 2¹⁰, by squares for its whole part and by square roots for what
    /// is left.
    private static func power(_ base: Double, _ exponent: Double) -> Double {
        var (whole, square, result) = (Int(exponent), base, 1.0)
        while whole > 0 {
            if whole & 1 == 1 { result *= square }
            square *= square
            whole >>= 1
        }
        var (rest, root) = (exponent - exponent.rounded(.down), base)
        while rest > 0 {
            root = root.squareRoot()
            rest *= 2
            if rest >= 1 {
                result *= root
                rest -= 1
            }
        }
        return result
    }
}
