/// Whole numbers from 1 upwards whose excess over 1 is of the negative binomial law: a geometric
/// number with another variation.
public struct NegativeBinomialLaw: Hashable, Sendable {
    /// Above 1.
    public let mean: Double
    /// Of the gamma law that a Poisson number's mean would follow; 1 is the geometric law.
    public let shape: Double

    public init(mean: Double, shape: Double) {
        self.mean = mean
        self.shape = shape
    }

    /// The law with a coefficient of variation above that of one plus a Poisson number,
    /// √(mean − 1) / mean; nil where there is none.
    public init?(mean: Double, coefficientOfVariation cv: Double) {
        let excess = mean - 1
        let clumping = cv * cv * mean * mean - excess
        guard excess > 0, clumping > 0 else { return nil }
        self.init(mean: mean, shape: excess * excess / clumping)
    }

    /// Standard deviation over mean.
    public var coefficientOfVariation: Double {
        let excess = mean - 1
        return (excess + excess * excess / shape).squareRoot() / mean
    }

    /// The probability of at most `x`.
    public func cumulative(at x: Double) -> Double {
        guard x >= 1 else { return 0 }
        let success = shape / (shape + mean - 1)
        return DeterministicMath.lowerBeta(shape, x.rounded(.down), at: success)
    }

    /// ln of the probability of `x`, a whole number of at least 1.
    public func logProbability(of x: Double) -> Double {
        let (k, excess) = (x - 1, mean - 1)
        let total = shape + excess
        return DeterministicMath.logGamma(shape + k) - DeterministicMath.logGamma(shape)
            - DeterministicMath.logGamma(k + 1) + shape * DeterministicMath.log(shape / total)
            + (k > 0 ? k * DeterministicMath.log(excess / total) : 0)
    }

    /// The smallest number whose probability of being not exceeded is at least `u`, strictly between
    /// 0 and 1.
    public func quantile(_ u: Double) -> Double {
        // Near the gamma law of the same shape, from where steps of doubled width enclose it.
        let guess = 1 + GammaLaw(shape: shape, mean: mean - 1).quantile(u)
        var high = max(1, guess.rounded())
        var (low, width) = (high - 1, 1.0)
        while cumulative(at: high) < u, width < 0x1p60 {
            low = high
            high += width
            width *= 2
        }
        while low > 0, cumulative(at: low) >= u {
            high = low
            low = max(0, low - width)
            width *= 2
        }
        while high - low > 1 {
            let middle = ((low + high) / 2).rounded(.down)
            if cumulative(at: middle) >= u { high = middle } else { low = middle }
        }
        return high
    }
}
