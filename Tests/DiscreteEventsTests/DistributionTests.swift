import DiscreteEvents
import Testing

@Suite("Distributions")
struct DistributionTests {
    @Test(
        "samples have the mean and the variation of their law",
        arguments: [
            (Distribution.constant(3), 3, 0), (.uniform(low: 2, high: 6), 4, 4 / 12.0.squareRoot()),
            (.exponential(mean: 5), 5, 5), (.lognormal(mean: 800, cv: 0.5), 800, 400),
            (.geometric(mean: 4), 4, 12.0.squareRoot()), (.empirical([1, 2, 9]), 4, 38.0 / 3),
        ] as [(Distribution, Double, Double)])
    func moments(law: Distribution, mean: Double, deviation: Double) {
        let random = RandomStream(seed: 2, named: "samples")
        let n = 100_000
        let sum = (0..<n).reduce(0) { $0 + law.sample(unit: random.unit($1)) }
        // Five standard errors.
        #expect((sum / Double(n) - mean).magnitude <= 5 * deviation / Double(n).squareRoot() + 1e-9)
    }

    @Test("a lognormal law keeps its coefficient of variation")
    func lognormalVariation() {
        let random = RandomStream(seed: 4, named: "samples")
        let samples = (0..<200_000).map {
            Distribution.lognormal(mean: 100, cv: 0.5).sample(unit: random.unit($0))
        }
        let mean = samples.reduce(0, +) / 200_000
        let variance = samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 200_000
        // The standard error of the estimate is about 0.3 %.
        #expect((variance.squareRoot() / mean - 0.5).magnitude < 0.008)
    }

    @Test("a larger unit number never gives a smaller sample, and all samples are finite")
    func monotone() {
        let laws: [Distribution] = [
            .uniform(low: 0, high: 1), .exponential(mean: 1), .lognormal(mean: 1, cv: 3),
            .geometric(mean: 10), .empirical([1, 2, 3]),
        ]
        for law in laws {
            let units = [0x1p-53, 1e-9, 0.1, 0.3, 0.5, 0.500001, 0.9, 0.99999, 1 - 0x1p-53]
            let samples = units.map(law.sample)
            #expect(samples == samples.sorted())
            #expect(samples.allSatisfy { $0.isFinite })
        }
    }

    @Test("geometric numbers start at 1 and have the stated probabilities")
    func geometric() {
        let law = Distribution.geometric(mean: 2)
        #expect(law.sample(unit: 0x1p-53) == 1)
        #expect(law.sample(unit: 0.49) == 1)
        #expect(law.sample(unit: 0.51) == 2)
        #expect(law.sample(unit: 0.74) == 2)
        #expect(law.sample(unit: 0.76) == 3)
        #expect(Distribution.geometric(mean: 0.2).sample(unit: 0.99) == 1)
    }

    @Test("degenerate laws still give a number")
    func degenerate() {
        #expect(Distribution.empirical([]).sample(unit: 0.5) == 0)
        #expect(Distribution.lognormal(mean: 0, cv: 1).sample(unit: 0.5) == 0)
        #expect(Distribution.lognormal(mean: 7, cv: 0).sample(unit: 0.9) == 7)
    }
}
