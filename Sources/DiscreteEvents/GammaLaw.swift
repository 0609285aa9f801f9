/// The gamma law, drawn exactly: Marsaglia and Tsang, "A simple method for generating gamma
/// variables", ACM Transactions on Mathematical Software 26 (2000).
///
/// Only `DeterministicMath` is used, so that the bits are the same on every processor.
public struct GammaLaw: Hashable, Sendable {
    /// Shape a, above 0; the coefficient of variation is 1 / √a.
    public let shape: Double
    public let mean: Double

    public init(shape: Double, mean: Double) {
        self.shape = shape
        self.mean = mean
    }

    /// The law with a coefficient of variation above 0; 1 is the exponential law.
    public init(coefficientOfVariation cv: Double, mean: Double) {
        self.init(shape: 1 / (cv * cv), mean: mean)
    }

    /// A value, from as many uniform numbers as it takes: 3.1 on average.
    ///
    /// - Parameter unit: the number at an index from 0 upwards, uniform strictly between 0 and 1.
    /// - Returns: a value of the law; below a shape of 1 one of shape + 1 times U^(1 / shape).
    public func sample(_ unit: (Int) -> Double) -> Double {
        guard shape < 1 else { return mean / shape * standard(shape, unit, from: 0) }
        let power = DeterministicMath.exp(DeterministicMath.log(unit(0)) / shape)
        return mean / shape * standard(shape + 1, unit, from: 1) * power
    }

    /// A value of scale 1 for a shape of at least 1: d·v, where v = (1 + x / √9d)³ of a normal x is
    /// taken with the probability that makes it exact.
    private func standard(_ shape: Double, _ unit: (Int) -> Double, from first: Int) -> Double {
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        var index = first
        while true {
            let x = DeterministicMath.normalQuantile(unit(index))
            let root = 1 + c * x
            let (v, logU) = (root * root * root, DeterministicMath.log(unit(index + 1)))
            index += 2
            if root > 0, logU < x * x / 2 + d - d * v + d * DeterministicMath.log(v) {
                return d * v
            }
        }
    }
}
