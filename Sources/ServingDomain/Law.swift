/// A law that a length, a number of rounds or a delay follows.
///
/// Means and bounds are in the unit of the quantity: tokens, rounds or seconds.
public enum Law: Hashable, Sendable {
    case constant(Double)
    case uniform(low: Double, high: Double)
    case exponential(mean: Double)
    /// `cv` is the standard deviation over the mean.
    case lognormal(mean: Double, cv: Double)
    /// Whole numbers from 1 upwards with the given mean (at least 1).
    case geometric(mean: Double)
    /// Each value with equal probability.
    case empirical([Double])

    public var mean: Double {
        switch self {
        case .constant(let value): value
        case .uniform(let low, let high): (low + high) / 2
        case .exponential(let mean), .lognormal(let mean, _), .geometric(let mean): mean
        case .empirical(let values): values.reduce(0, +) / Double(max(values.count, 1))
        }
    }
}
