/// The gamma law, drawn by inversion.
///
/// Only `DeterministicMath` is used, so that the bits are the same on every processor.
public struct GammaLaw: Hashable, Sendable {
    /// Shape a, above 0; the coefficient of variation is 1 / √a.
    public let shape: Double
    public let mean: Double
    private let logGamma: Double

    /// From this shape on, where the fractions grow long, Wilson and Hilferty's approximation is
    /// itself within 1e-8 of the quantile.
    private static let nearlyNormal = 1e5

    public init(shape: Double, mean: Double) {
        self.shape = shape
        self.mean = mean
        logGamma = DeterministicMath.logGamma(shape)
    }

    /// The law with a coefficient of variation above 0; 1 is the exponential law.
    public init(coefficientOfVariation cv: Double, mean: Double) {
        self.init(shape: 1 / (cv * cv), mean: mean)
    }

    /// The probability of at most `x`.
    public func cumulative(at x: Double) -> Double {
        DeterministicMath.lowerGamma(
            shape: shape, at: x / mean * shape, logGammaOfShape: logGamma)
    }

    /// The number at which the law reaches probability `u`, strictly between 0 and 1.
    public func quantile(_ u: Double) -> Double { mean / shape * standard(u) }

    /// The quantile at scale 1: a guess that Halley's method makes exact.
    private func standard(_ u: Double) -> Double {
        var x = shape > 1 ? wilsonHilferty(u) : guessBelowOne(u)
        guard shape < Self.nearlyNormal else { return x }
        for _ in 0..<20 where x > 0 {
            let error =
                DeterministicMath.lowerGamma(shape: shape, at: x, logGammaOfShape: logGamma) - u
            let density = DeterministicMath.exp(
                (shape - 1) * DeterministicMath.log(x) - x - logGamma)
            guard density > 0, density < .infinity else { break }
            let newton = error / density
            let step = newton / (1 - 0.5 * min(1, newton * ((shape - 1) / x - 1)))
            let next = x - step
            x = next > 0 ? next : x / 2
            if step.magnitude < 1e-9 * x { break }
        }
        return x
    }

    /// The cube root of a gamma number is nearly normal.
    private func wilsonHilferty(_ u: Double) -> Double {
        let t = 1 / (9 * shape)
        let root = 1 - t + DeterministicMath.normalQuantile(u) * t.squareRoot()
        return root > 0.1 ? shape * root * root * root : shape * 1e-3
    }

    /// The power of the first term of the series, then an exponential tail.
    private func guessBelowOne(_ u: Double) -> Double {
        let split = 1 - shape * (0.253 + shape * 0.12)
        return u < split
            ? DeterministicMath.exp(DeterministicMath.log(u / split) / shape)
            : 1 - DeterministicMath.log(1 - (u - split) / (1 - split))
    }
}
