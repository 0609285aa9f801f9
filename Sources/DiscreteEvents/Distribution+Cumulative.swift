extension Distribution {
    /// The probability of at most `x`.
    public func cumulative(at x: Double) -> Double {
        switch self {
        case .constant(let value): return x >= value ? 1 : 0
        case .uniform(let low, let high):
            return high > low ? min(1, max(0, (x - low) / (high - low))) : x >= low ? 1 : 0
        case .exponential(let mean):
            guard x >= 0 else { return 0 }
            return mean > 0 ? 1 - DeterministicMath.exp(-x / mean) : 1
        case .lognormal(let mean, let cv): return Self.lognormal(mean, cv, at: x)
        case .gamma(let mean, let cv):
            guard mean > 0, cv > 0 else { return x >= max(0, mean) ? 1 : 0 }
            return GammaLaw(coefficientOfVariation: cv, mean: mean).cumulative(at: x)
        case .weibull(let mean, let cv):
            guard mean > 0, cv > 0 else { return x >= max(0, mean) ? 1 : 0 }
            return WeibullLaw(coefficientOfVariation: cv, mean: mean).cumulative(at: x)
        case .pareto(let low, let high, let index):
            guard high > low else { return x >= low ? 1 : 0 }
            return ParetoLaw(low: low, high: high, index: index).cumulative(at: x)
        case .geometric(let mean):
            guard x >= 1 else { return 0 }
            guard mean > 1 else { return 1 }
            return 1
                - DeterministicMath.exp(
                    x.rounded(.down) * DeterministicMath.log(1 - 1 / mean))
        case .negativeBinomial(let mean, let cv):
            let law = NegativeBinomialLaw(mean: mean, coefficientOfVariation: cv)
            return law?.cumulative(at: x) ?? (x >= mean ? 1 : 0)
        case .empirical(let values):
            guard !values.isEmpty else { return x >= 0 ? 1 : 0 }
            return Double(values.count { $0 <= x }) / Double(values.count)
        case .quantiles(let probabilities, let values):
            return QuantileTable(probabilities: probabilities, values: values).cumulative(at: x)
        case .mixture(let components):
            let total = components.reduce(0) { $0 + $1.weight }
            return components.reduce(0) { $0 + $1.weight / total * $1.law.cumulative(at: x) }
        }
    }

    private static func lognormal(_ mean: Double, _ cv: Double, at x: Double) -> Double {
        guard mean > 0, cv > 0 else { return x >= max(0, mean) ? 1 : 0 }
        guard x > 0 else { return 0 }
        let variance = DeterministicMath.log(1 + cv * cv)
        return DeterministicMath.normalCumulative(
            (DeterministicMath.log(x / mean) + variance / 2) / variance.squareRoot())
    }
}
