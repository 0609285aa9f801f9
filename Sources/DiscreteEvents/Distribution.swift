/// A law from which numbers are drawn by inversion.
public enum Distribution: Hashable, Sendable {
    case constant(Double)
    case uniform(low: Double, high: Double)
    case exponential(mean: Double)
    /// `cv` is the standard deviation over the mean.
    case lognormal(mean: Double, cv: Double)
    /// Whole numbers from 1 upwards; a mean of at most 1 always gives 1.
    case geometric(mean: Double)
    /// Each value with equal probability; without values, always 0.
    case empirical([Double])

    /// The number at which the law reaches probability `u`, never decreasing in `u`.
    ///
    /// `u` is a uniform number strictly between 0 and 1. An empirical law takes its values in the
    /// order given.
    public func sample(unit u: Double) -> Double {
        switch self {
        case .constant(let value): value
        case .uniform(let low, let high): low + (high - low) * u
        case .exponential(let mean): -mean * DeterministicMath.log(1 - u)
        case .lognormal: Sampler(self).sample(unit: u)
        case .geometric(let mean): Self.geometric(mean: mean, unit: u)
        case .empirical(let values): Self.empirical(values, unit: u)
        }
    }

    /// Failures before the first success, and the success: P(X > k) = (1 − 1/mean)^k.
    private static func geometric(mean: Double, unit u: Double) -> Double {
        guard mean > 1 else { return 1 }
        let trials = DeterministicMath.log(1 - u) / DeterministicMath.log(1 - 1 / mean)
        return max(1, trials.rounded(.up))
    }

    private static func empirical(_ values: [Double], unit u: Double) -> Double {
        guard !values.isEmpty else { return 0 }
        return values[min(values.count - 1, max(0, Int(u * Double(values.count))))]
    }
}
