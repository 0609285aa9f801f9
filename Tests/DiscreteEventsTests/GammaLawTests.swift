import DiscreteEvents
import Foundation
import Testing

@Suite("The gamma law")
struct GammaLawTests {
    struct Shape: Sendable {
        let shape: Double
        /// Probability of at most x at scale 1.
        let probability: @Sendable (Double) -> Double
    }

    /// Shapes whose distribution function is elementary.
    static let shapes = [
        Shape(shape: 1) { 1 - exp(-$0) },
        // Half a chi-squared number of one degree of freedom.
        Shape(shape: 0.5) { erf($0.squareRoot()) },
        Shape(shape: 2) { 1 - exp(-$0) * (1 + $0) },
        Shape(shape: 4) { 1 - exp(-$0) * (1 + $0 + $0 * $0 / 2 + $0 * $0 * $0 / 6) },
        Shape(shape: 1.5) {
            erf($0.squareRoot()) - 2 * ($0 / Double.pi).squareRoot() * exp(-$0)
        },
    ]

    @Test("samples follow the distribution function (Kolmogorov and Smirnov)", arguments: shapes)
    func distribution(_ shape: Shape) {
        let n = 50_000
        let values = samples(shape.shape, mean: shape.shape, count: n).sorted()
        let distance =
            values.enumerated().map { index, value in
                let p = shape.probability(value)
                return max(
                    (Double(index + 1) / Double(n) - p).magnitude, (p - Double(index) / Double(n)))
            }.max() ?? 1
        // Exceeded once in a thousand sets of samples.
        #expect(distance < 1.95 / Double(n).squareRoot(), "\(distance)")
    }

    @Test("mean and variance hold far from a shape of one", arguments: [0.01, 0.1, 30, 900])
    func moments(shape: Double) {
        let n = 200_000
        let values = samples(shape, mean: 3, count: n)
        let mean = values.reduce(0, +) / Double(n)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)
        // Variance 9 / a; excess kurtosis 6 / a.
        let error = (9 / shape / Double(n)).squareRoot()
        #expect((mean - 3).magnitude < 4 * error)
        let spread = 9 / shape * ((2 + 6 / shape) / Double(n)).squareRoot()
        #expect((variance - 9 / shape).magnitude < 4 * spread)
    }

    @Test("a coefficient of variation is one over the square root of the shape")
    func variation() {
        #expect(GammaLaw(coefficientOfVariation: 2, mean: 5) == GammaLaw(shape: 0.25, mean: 5))
    }

    private func samples(_ shape: Double, mean: Double, count: Int) -> [Double] {
        let law = GammaLaw(shape: shape, mean: mean)
        let stream = RandomStream(seed: 5, named: "gamma")
        return (0..<count).map { index in law.sample { stream.unit(index, $0) } }
    }
}
