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
        case .gamma(let mean, let cv): .gamma(mean: mean, cv: cv)
        case .weibull(let mean, let cv): .weibull(mean: mean, cv: cv)
        case .pareto(let low, let high, let index): .pareto(low: low, high: high, index: index)
        case .geometric(let mean): .geometric(mean: mean)
        case .negativeBinomial(let mean, let cv): .negativeBinomial(mean: mean, cv: cv)
        case .empirical(let values): .empirical(values)
        case .quantiles(let probabilities, let values):
            .quantiles(probabilities: probabilities, values: values)
        case .mixture(let components):
            .mixture(components.map { .init(weight: $0.weight, law: $0.law.distribution) })
        }
    }
}
