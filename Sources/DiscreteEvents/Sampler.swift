/// A law with its constants worked out, for many draws.
public struct Sampler: Sendable {
    private enum Prepared: Sendable {
        case constant(Double)
        case uniform(low: Double, width: Double)
        case exponential(mean: Double)
        /// Of the logarithm.
        case lognormal(mean: Double, variance: Double, deviation: Double)
        case gamma(GammaLaw)
        case weibull(WeibullLaw)
        case pareto(ParetoLaw)
        /// ln P(X > 1).
        case geometric(logOfRest: Double)
        case negativeBinomial(NegativeBinomialLaw)
        case empirical([Double])
        case quantiles(QuantileTable)
        case mixture(parts: [(end: Double, sampler: Sampler)])
    }

    private let law: Prepared

    public init(_ distribution: Distribution) { law = Self.prepared(distribution) }

    private static func prepared(_ law: Distribution) -> Prepared {
        switch law {
        case .constant(let value): return .constant(value)
        case .uniform(let low, let high): return .uniform(low: low, width: high - low)
        case .exponential(let mean): return .exponential(mean: mean)
        case .lognormal(let mean, let cv):
            guard mean > 0 else { return .constant(0) }
            let variance = DeterministicMath.log(1 + cv * cv)
            return .lognormal(mean: mean, variance: variance, deviation: variance.squareRoot())
        case .gamma(let mean, let cv):
            guard mean > 0, cv > 0 else { return .constant(max(0, mean)) }
            return .gamma(GammaLaw(coefficientOfVariation: cv, mean: mean))
        case .weibull(let mean, let cv):
            guard mean > 0, cv > 0 else { return .constant(max(0, mean)) }
            return .weibull(WeibullLaw(coefficientOfVariation: cv, mean: mean))
        case .pareto(let low, let high, let index):
            guard high > low else { return .constant(low) }
            return .pareto(ParetoLaw(low: low, high: high, index: index))
        case .geometric(let mean):
            guard mean > 1 else { return .constant(1) }
            return .geometric(logOfRest: DeterministicMath.log(1 - 1 / mean))
        case .negativeBinomial(let mean, let cv):
            guard let law = NegativeBinomialLaw(mean: mean, coefficientOfVariation: cv) else {
                return .constant(mean)
            }
            return .negativeBinomial(law)
        case .empirical(let values): return values.isEmpty ? .constant(0) : .empirical(values)
        case .quantiles(let probabilities, let values):
            return .quantiles(QuantileTable(probabilities: probabilities, values: values))
        case .mixture(let components): return mixture(components)
        }
    }

    private static func mixture(_ components: [Distribution.Component]) -> Prepared {
        let total = components.reduce(0) { $0 + $1.weight }
        var passed = 0.0
        let parts = components.map { component in
            passed += component.weight
            return (end: passed / total, sampler: Sampler(component.law))
        }
        return parts.isEmpty ? .constant(0) : .mixture(parts: parts)
    }

    /// The number at which the law reaches probability `u`; see `Distribution.sample(unit:)`.
    public func sample(unit u: Double) -> Double {
        switch law {
        case .constant(let value): value
        case .uniform(let low, let width): low + width * u
        case .exponential(let mean): -mean * DeterministicMath.log(1 - u)
        // The logarithm has the mean ln(mean) − σ²/2.
        case .lognormal(let mean, let variance, let deviation):
            mean * Self.exponential(of: deviation, DeterministicMath.normalQuantile(u), variance)
        case .gamma(let law): law.quantile(u)
        case .weibull(let law): law.quantile(u)
        case .pareto(let law): law.quantile(u)
        // Failures before the first success, and the success: P(X > k) = (1 − 1/mean)^k.
        case .geometric(let logOfRest):
            max(1, (DeterministicMath.log(1 - u) / logOfRest).rounded(.up))
        case .negativeBinomial(let law): law.quantile(u)
        case .empirical(let values):
            values[min(values.count - 1, max(0, Int(u * Double(values.count))))]
        case .quantiles(let table): table.quantile(u)
        case .mixture(let parts): Self.sample(parts, u)
        }
    }

    private static func exponential(
        of deviation: Double, _ z: Double, _ variance: Double
    ) -> Double { DeterministicMath.exp(deviation * z - variance / 2) }

    /// The place inside of a law's share is a uniform number again.
    private static func sample(_ parts: [(end: Double, sampler: Sampler)], _ u: Double) -> Double {
        var start = 0.0
        for (end, sampler) in parts.dropLast() {
            guard u >= end else { return sampler.sample(unit: inner((u - start) / (end - start))) }
            start = end
        }
        return parts[parts.count - 1].sampler.sample(unit: inner((u - start) / (1 - start)))
    }

    /// Strictly between 0 and 1.
    private static func inner(_ u: Double) -> Double { min(max(u, 0x1p-54), 1 - 0x1p-53) }
}
