/// A law with its constants worked out, for many draws.
public struct Sampler: Sendable {
    private let law: Distribution
    /// Of the logarithm of a lognormal law.
    private let variance: Double
    private let deviation: Double

    public init(_ law: Distribution) {
        self.law = law
        if case .lognormal(_, let cv) = law {
            variance = DeterministicMath.log(1 + cv * cv)
        } else {
            variance = 0
        }
        deviation = variance.squareRoot()
    }

    /// The number at which the law reaches probability `u`; see `Distribution.sample(unit:)`.
    public func sample(unit u: Double) -> Double {
        guard case .lognormal(let mean, _) = law else { return law.sample(unit: u) }
        return lognormal(mean: mean, unit: u)
    }

    /// The logarithm has variance σ² = ln(1 + cv²) and mean ln(mean) − σ²/2.
    private func lognormal(mean: Double, unit u: Double) -> Double {
        guard mean > 0 else { return 0 }
        let z = DeterministicMath.normalQuantile(u)
        return mean * DeterministicMath.exp(deviation * z - variance / 2)
    }
}
