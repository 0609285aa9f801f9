/// A law from which numbers are drawn by inversion.
public enum Distribution: Hashable, Sendable {
    /// One of the laws of a mixture.
    public struct Component: Hashable, Sendable {
        /// Above 0; its share is the weight over the sum of all.
        public var weight: Double
        public var law: Distribution

        public init(weight: Double, law: Distribution) {
            self.weight = weight
            self.law = law
        }
    }

    case constant(Double)
    case uniform(low: Double, high: Double)
    case exponential(mean: Double)
    /// `cv` is the standard deviation over the mean, here and below.
    case lognormal(mean: Double, cv: Double)
    case gamma(mean: Double, cv: Double)
    case weibull(mean: Double, cv: Double)
    /// Between bounds above 0.
    case pareto(low: Double, high: Double, index: Double)
    /// Whole numbers from 1 upwards; a mean of at most 1 always gives 1.
    case geometric(mean: Double)
    /// The same with a variation above √(mean − 1) / mean; the mean itself below that.
    case negativeBinomial(mean: Double, cv: Double)
    /// Each value with equal probability; without values, always 0.
    case empirical([Double])
    /// A piecewise linear quantile function: `values` at `probabilities` from 0 to 1, both never
    /// decreasing and equally many.
    case quantiles(probabilities: [Double], values: [Double])
    /// One law or another.
    case mixture([Component])

    /// The number at which the law reaches probability `u`, never decreasing in `u`; of a mixture, a
    /// number of one of its laws.
    ///
    /// `u` is a uniform number strictly between 0 and 1. An empirical law takes its values in the
    /// order given.
    public func sample(unit u: Double) -> Double { Sampler(self).sample(unit: u) }
}
