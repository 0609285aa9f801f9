import DiscreteEvents
import Foundation
import Testing

/// Expected figures without a formula are those of SciPy 1.17.
@Suite("Weibull, negative binomial, Pareto and table laws")
struct LawTests {
    @Test(
        "special functions",
        arguments: [
            (1e-3, 6.907178885383853, -1000.5755719318103),
            (0.5, 0.5723649429247, -1.9635100260214235), (1, 0, -0.5772156649015329),
            (3.7, 1.428072326665388, 1.1671535393615113),
            (10, 12.801827480081469, 2.251752589066721),
            (250.5, 1131.2840013322552, 5.521461584527046),
        ] as [(Double, Double, Double)])
    func gammaFunctions(x: Double, logGamma: Double, digamma: Double) {
        let scale = max(1, logGamma.magnitude)
        #expect((DeterministicMath.logGamma(x) - logGamma).magnitude < 1e-13 * scale)
        let slope = DeterministicMath.digamma(x)
        #expect((slope - digamma).magnitude < 1e-12 * max(1, digamma.magnitude))
    }

    @Test("the normal distribution function")
    func normal() {
        for z in stride(from: -8.0, through: 8, by: 0.37) {
            let expected = 0.5 * erfc(-z / 2.0.squareRoot())
            #expect((DeterministicMath.normalCumulative(z) - expected).magnitude < 1e-15)
        }
    }

    @Test(
        "Weibull's shape follows from its variation",
        arguments: [
            (0.01, 127.53015331439656, 1.0110765130599542),
            (0.3, 3.7137723664299953, 1.3868180536222559), (1, 1, 2.302585092994046),
            (10, 0.23320675891629672, 0.9564711919262057),
            (100, 0.12804662992257382, 0.025077565346038763),
        ] as [(Double, Double, Double)])
    func weibull(cv: Double, shape: Double, decile: Double) {
        let law = WeibullLaw(coefficientOfVariation: cv, mean: 1)
        #expect((law.shape / shape - 1).magnitude < 1e-9)
        #expect((law.quantile(0.9) / decile - 1).magnitude < 1e-7)
        #expect((law.mean - 1).magnitude < 1e-10)
        #expect((law.coefficientOfVariation / cv - 1).magnitude < 1e-9)
        #expect((law.cumulative(at: law.quantile(0.3)) - 0.3).magnitude < 1e-12)
    }

    @Test(
        "negative binomial quantiles",
        arguments: [
            (1, 4, [1, 3, 11, 33]), (0.3, 40, [1, 10, 180, 874]), (8, 40, [13, 38, 68, 120]),
            (2.5, 2000, [221, 1741, 4429, 10299]),
        ] as [(Double, Double, [Double])])
    func negativeBinomial(shape: Double, mean: Double, expected: [Double]) {
        let law = NegativeBinomialLaw(mean: mean, shape: shape)
        #expect([0.01, 0.5, 0.95, 0.9999].map(law.quantile) == expected)
        for x in expected {
            // The smallest number that reaches its own probability is itself.
            #expect(law.quantile(law.cumulative(at: x) * (1 - 1e-12)) == x)
            #expect(law.cumulative(at: x + 0.5) == law.cumulative(at: x))
        }
        #expect(law.cumulative(at: 0.9) == 0)
        let same = NegativeBinomialLaw(
            mean: mean, coefficientOfVariation: law.coefficientOfVariation)
        #expect(((same?.shape ?? 0) / shape - 1).magnitude < 1e-9)
    }

    @Test("negative binomial probabilities")
    func negativeBinomialProbabilities() {
        let law = NegativeBinomialLaw(mean: 40, shape: 0.3)
        for (x, expected) in [
            (1.0, 0.23164269622750747), (3, 0.34508836025897915), (50, 0.7678397141905302),
            (2100, 0.9999999952740956),
        ] {
            #expect((law.cumulative(at: x) - expected).magnitude < 1e-12)
        }
        #expect(NegativeBinomialLaw(mean: 40, coefficientOfVariation: 0.15) == nil)
        #expect(NegativeBinomialLaw(mean: 1, coefficientOfVariation: 1) == nil)
    }

    @Test("a shape of one makes negative binomial numbers geometric")
    func geometric() {
        let law = NegativeBinomialLaw(mean: 7, shape: 1)
        for u in [0.01, 0.2, 0.5, 0.9, 0.999] {
            #expect(law.quantile(u) == Distribution.geometric(mean: 7).sample(unit: u))
        }
    }

    @Test("a Pareto tail falls with its index and ends at its cap")
    func pareto() {
        let law = ParetoLaw(low: 10, high: 1000, index: 2)
        // 1 − (10/100)² of 1 − (10/1000)².
        #expect((law.cumulative(at: 100) - 0.99 / 0.9999).magnitude < 1e-14)
        #expect(law.cumulative(at: 9) == 0 && law.cumulative(at: 1000) == 1)
        #expect((law.quantile(0.99 / 0.9999) - 100).magnitude < 1e-9)
        #expect(law.quantile(1 - 0x1p-53) <= 1000)
    }

    @Test("a table of quantiles is linear between its points, jumps and plateaus included")
    func table() {
        let table = QuantileTable(
            probabilities: [0, 0.5, 0.5, 0.75, 1], values: [1, 3, 10, 10, 20])
        #expect(table.quantile(0.25) == 2)
        #expect(table.quantile(0.5) == 3)
        #expect(table.quantile(0.6) == 10)
        #expect(table.quantile(0.875) == 15)
        #expect(table.quantile(0) == 1 && table.quantile(1) == 20)
        #expect(table.cumulative(at: 0.99) == 0 && table.cumulative(at: 20) == 1)
        #expect(table.cumulative(at: 2) == 0.25)
        #expect(table.cumulative(at: 7) == 0.5)
        #expect(table.cumulative(at: 10) == 0.75)
    }
}
