import DiscreteEvents
import ServingDomain

extension Law {
    /// Numbers that a fit chose.
    var parameterCount: Int {
        switch self {
        case .constant, .exponential, .geometric: 1
        case .uniform, .lognormal, .gamma, .weibull, .negativeBinomial: 2
        case .pareto: 3
        case .empirical(let values): values.count
        case .quantiles(_, let values): values.count
        case .mixture(let components):
            components.reduce(components.count - 1) { $0 + $1.law.parameterCount }
        }
    }

    /// With parameters of six significant digits, so that a file that holds them means the same law.
    var rounded: Law {
        switch self {
        case .constant(let value): .constant(value.sixDigits)
        case .uniform(let low, let high): .uniform(low: low.sixDigits, high: high.sixDigits)
        case .exponential(let mean): .exponential(mean: mean.sixDigits)
        case .lognormal(let mean, let cv): .lognormal(mean: mean.sixDigits, cv: cv.sixDigits)
        case .gamma(let mean, let cv): .gamma(mean: mean.sixDigits, cv: cv.sixDigits)
        case .weibull(let mean, let cv): .weibull(mean: mean.sixDigits, cv: cv.sixDigits)
        case .pareto(let low, let high, let index):
            .pareto(low: low.sixDigits, high: high.sixDigits, index: index.sixDigits)
        case .geometric(let mean): .geometric(mean: mean.sixDigits)
        case .negativeBinomial(let mean, let cv):
            .negativeBinomial(mean: mean.sixDigits, cv: cv.sixDigits)
        case .empirical(let values): .empirical(values.map(\.sixDigits))
        case .quantiles(let probabilities, let values):
            .quantiles(
                probabilities: probabilities.map { ($0 * 1e8).rounded() / 1e8 },
                values: values.map(\.sixDigits))
        case .mixture(let components):
            .mixture(
                components.map { Component(weight: $0.weight.sixDigits, law: $0.law.rounded) })
        }
    }

    /// Whether a workload file may hold it, where means and bounds lie in a range.
    func isRepresentable(in range: ClosedRange<Double>) -> Bool {
        switch self {
        case .constant(let value): range.contains(value)
        case .uniform(let low, let high): range.contains(low) && range.contains(high)
        case .exponential(let mean): range.contains(mean) && mean > 0
        case .geometric(let mean): range.contains(mean) && mean >= 1
        case .lognormal(let mean, let cv), .gamma(let mean, let cv), .weibull(let mean, let cv),
            .negativeBinomial(let mean, let cv):
            range.contains(mean) && mean > 0 && (0.01...100).contains(cv)
        case .pareto(let low, let high, let index):
            range.contains(low) && range.contains(high) && low > 0 && low < high
                && (0.05...100).contains(index)
        case .empirical(let values), .quantiles(_, let values):
            values.allSatisfy(range.contains) && values.count <= 100_000
        case .mixture(let components):
            components.allSatisfy { $0.weight > 0 && $0.law.isRepresentable(in: range) }
        }
    }

    /// With a share of draws that are 0.
    func mixed(withZero share: Double) -> Law {
        let others: [Component] =
            if case .mixture(let components) = self {
                components.map { Component(weight: $0.weight * (1 - share), law: $0.law) }
            } else {
                [Component(weight: 1 - share, law: self)]
            }
        return .mixture([Component(weight: share, law: .constant(0))] + others)
    }
}

extension Double {
    /// The nearest number of six significant digits.
    var sixDigits: Double { rounded(toDigits: 6) }

    /// The nearest number of so many significant digits.
    func rounded(toDigits digits: Int) -> Double {
        guard self != 0, isFinite else { return self }
        let exponent = (DeterministicMath.log(magnitude) / 2.302585092994046).rounded(.down)
        let places = digits - 1 - Int(exponent)
        var factor = 1.0
        for _ in 0..<places.magnitude { factor *= 10 }
        return places >= 0 ? (self * factor).rounded() / factor : (self / factor).rounded() * factor
    }
}
