/// The Weibull law, whose tail falls like e^−(x/scale)^shape.
public struct WeibullLaw: Hashable, Sendable {
    /// Above 0; 1 is the exponential law, less has a heavier tail.
    public let shape: Double
    public let scale: Double

    public init(shape: Double, scale: Double) {
        self.shape = shape
        self.scale = scale
    }

    /// The law with a coefficient of variation from 0.01 to 100.
    public init(coefficientOfVariation cv: Double, mean: Double) {
        shape = Self.shape(coefficientOfVariation: cv)
        scale = mean / Self.moment(1, shape)
    }

    public var mean: Double { scale * Self.moment(1, shape) }

    /// Standard deviation over mean.
    public var coefficientOfVariation: Double { Self.variation(shape) }

    /// The probability of at most `x`.
    public func cumulative(at x: Double) -> Double {
        guard x > 0 else { return 0 }
        return 1 - DeterministicMath.exp(-power(x / scale, shape))
    }

    /// The number at which the law reaches probability `u`, strictly between 0 and 1.
    public func quantile(_ u: Double) -> Double {
        scale * power(-DeterministicMath.log(1 - u), 1 / shape)
    }

    private func power(_ x: Double, _ exponent: Double) -> Double {
        DeterministicMath.exp(exponent * DeterministicMath.log(x))
    }

    /// The mean of the n-th power at scale 1.
    private static func moment(_ n: Double, _ shape: Double) -> Double {
        DeterministicMath.exp(DeterministicMath.logGamma(1 + n / shape))
    }

    private static func variation(_ shape: Double) -> Double {
        let (second, first) = (1 + 2 / shape, 1 + 1 / shape)
        let ratio = DeterministicMath.exp(
            DeterministicMath.logGamma(second) - 2 * DeterministicMath.logGamma(first))
        return max(0, ratio - 1).squareRoot()
    }

    /// By halving: the coefficient falls with the shape, from 430 at 0.1 to 0.006 at 200.
    private static func shape(coefficientOfVariation cv: Double) -> Double {
        var (low, high) = (0.1, 200.0)
        for _ in 0..<60 {
            let middle = (low * high).squareRoot()
            if variation(middle) > cv { low = middle } else { high = middle }
        }
        return (low * high).squareRoot()
    }
}
