import DiscreteEvents
import Foundation
import Testing

/// Expected figures without a formula are those of SciPy 1.17.
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

    @Test("quantiles and probabilities follow the distribution function", arguments: shapes)
    func distribution(_ shape: Shape) {
        let law = GammaLaw(shape: shape.shape, mean: shape.shape)
        for u in [1e-12, 1e-4, 0.01, 0.3, 0.5, 0.77, 0.99, 0.99999, 1 - 1e-12] {
            let x = law.quantile(u)
            #expect((shape.probability(x) - u).magnitude < 2e-14)
            #expect((law.cumulative(at: x) - shape.probability(x)).magnitude < 2e-14)
        }
    }

    @Test(
        "quantiles far from a shape of one",
        arguments: [
            (0.05, 1, 0.3, 4.0757943774653465e-10), (0.05, 1, 0.9, 1.526342278183781),
            (0.05, 1, 0.999, 54.72917197457349), (2.5, 1, 1e-9, 0.00016245791313313082),
            (40, 1, 0.95, 1.2734934245679486), (9999, 1, 0.001, 0.96938092181799),
        ] as [(Double, Double, Double, Double)])
    func quantiles(shape: Double, mean: Double, u: Double, expected: Double) {
        let found = GammaLaw(shape: shape, mean: mean).quantile(u)
        #expect((found / expected - 1).magnitude < 1e-10)
    }

    @Test("a nearly normal law is within what is stated")
    func nearlyNormal() {
        let law = GammaLaw(shape: 3e5, mean: 1)
        #expect((law.quantile(0.001) / 0.9943675316743767 - 1).magnitude < 1e-8)
        #expect((law.quantile(0.95) / 1.0030049719713976 - 1).magnitude < 1e-8)
    }

    @Test("mean and variance hold far from a shape of one", arguments: [0.01, 0.1, 30, 900])
    func moments(shape: Double) {
        let n = 50_000
        let law = GammaLaw(shape: shape, mean: 3)
        let stream = RandomStream(seed: 5, named: "gamma")
        let values = (0..<n).map { law.quantile(stream.unit($0)) }
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
}
