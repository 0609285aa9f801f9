/// A law of a real quantity, sampled by inversion of one uniform number.
public enum Distribution: Hashable, Sendable {
    case constant(Double)
    case uniform(low: Double, high: Double)
    case exponential(mean: Double)
    /// `cv` is the standard deviation over the mean.
    case lognormal(mean: Double, cv: Double)
    /// Whole numbers from 1 upwards.
    case geometric(mean: Double)
    /// Each value with equal probability.
    case empirical([Double])

    /// The quantile at `unit`, a number in (0, 1).
    public func sample(unit: Double) -> Double {
        switch self {
        case .constant(let value): return value
        case .uniform(let low, let high): return low + (high - low) * unit
        case .exponential(let mean): return -mean * DeterministicMath.log(unit)
        case .lognormal(let mean, let cv):
            let variance = DeterministicMath.log(1 + cv * cv)
            let normal = DeterministicMath.normalQuantile(unit)
            return mean * DeterministicMath.exp(variance.squareRoot() * normal - variance / 2)
        case .geometric(let mean):
            guard mean > 1 else { return 1 }
            let stays = DeterministicMath.log(1 - 1 / mean)
            return 1 + (DeterministicMath.log(unit) / stays).rounded(.down)
        case .empirical(let values):
            guard let last = values.last else { return 0 }
            let index = Int(unit * Double(values.count))
            return index < values.count ? values[index] : last
        }
    }
}
