import DiscreteEvents
import ServingDomain

extension Law {
    /// The same law as something to draw from.
    var distribution: Distribution {
        switch self {
        case .constant(let value): .constant(value)
        case .uniform(let low, let high): .uniform(low: low, high: high)
        case .exponential(let mean): .exponential(mean: mean)
        case .lognormal(let mean, let cv): .lognormal(mean: mean, cv: cv)
        case .geometric(let mean): .geometric(mean: mean)
        case .empirical(let values): .empirical(values)
        }
    }
}
