import DiscreteEvents

/// The logarithm of a law's density, or of its probability where it gives whole numbers.
///
/// Constants are worked out once. Laws without a density (uniform ones, tables) are not fitted by
/// likelihood and have none here.
struct LogDensity {
    private let density: (Double) -> Double

    init?(_ law: Distribution) {
        guard let density = Self.density(law) else { return nil }
        self.density = density
    }

    /// At `x`; −inf where the law gives none.
    func callAsFunction(_ x: Double) -> Double { density(x) }

    /// Sum over a sample.
    func total(_ sample: FittingSample) -> Double {
        sample.values.reduce(0) { $0 + $1.weight * density($1.value) }
    }

    private static func density(_ law: Distribution) -> ((Double) -> Double)? {
        switch law {
        case .lognormal(let mean, let cv): lognormal(mean, cv)
        case .gamma(let mean, let cv): gamma(shape: 1 / (cv * cv), mean)
        case .weibull(let mean, let cv): weibull(.init(coefficientOfVariation: cv, mean: mean))
        case .pareto(let low, let high, let index): pareto(low, high, index)
        case .geometric(let mean): geometric(mean)
        case .negativeBinomial(let mean, let cv):
            NegativeBinomialLaw(mean: mean, coefficientOfVariation: cv).map { law in
                { $0 < 1 ? -.infinity : law.logProbability(of: $0) }
            }
        case .constant(let value): { $0 == value ? 0 : -.infinity }
        case .mixture(let components): mixture(components)
        case .uniform, .exponential, .empirical, .quantiles: nil
        }
    }

    private static func log(_ x: Double) -> Double { DeterministicMath.log(x) }

    private static func lognormal(_ mean: Double, _ cv: Double) -> (Double) -> Double {
        let variance = log(1 + cv * cv)
        let center = log(mean) - variance / 2
        let front = -(log(variance) + log(2 * .pi)) / 2
        return { x in
            guard x > 0 else { return -.infinity }
            let logX = log(x)
            return front - logX - (logX - center) * (logX - center) / (2 * variance)
        }
    }

    private static func gamma(shape: Double, _ mean: Double) -> (Double) -> Double {
        let scale = mean / shape
        let front = -shape * log(scale) - DeterministicMath.logGamma(shape)
        return { x in x > 0 ? front + (shape - 1) * log(x) - x / scale : -.infinity }
    }

    private static func weibull(_ law: WeibullLaw) -> (Double) -> Double {
        let front = log(law.shape / law.scale)
        return { x in
            guard x > 0 else { return -.infinity }
            let logRatio = log(x / law.scale)
            return front + (law.shape - 1) * logRatio
                - DeterministicMath.exp(law.shape * logRatio)
        }
    }

    private static func pareto(
        _ low: Double, _ high: Double, _ index: Double
    ) -> (Double) -> Double {
        let kept = 1 - DeterministicMath.exp(index * log(low / high))
        let front = log(index) + index * log(low) - log(kept)
        return { x in x >= low && x <= high ? front - (index + 1) * log(x) : -.infinity }
    }

    private static func geometric(_ mean: Double) -> (Double) -> Double {
        let (failure, success) = (log(1 - 1 / mean), -log(mean))
        return { x in x < 1 ? -.infinity : success + (x > 1 ? (x - 1) * failure : 0) }
    }

    private static func mixture(_ components: [Distribution.Component]) -> ((Double) -> Double)? {
        let total = components.reduce(0) { $0 + $1.weight }
        let parts = components.compactMap { component in
            density(component.law).map { (log(component.weight / total), $0) }
        }
        guard parts.count == components.count else { return nil }
        return { x in
            let logs = parts.map { $0.0 + $0.1(x) }
            guard let largest = logs.max(), largest > -.infinity else { return -.infinity }
            return largest + log(logs.reduce(0) { $0 + DeterministicMath.exp($1 - largest) })
        }
    }
}
