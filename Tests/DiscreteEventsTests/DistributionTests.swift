import DiscreteEvents
import Foundation
import Testing

@Suite("Distributions")
struct DistributionTests {
    @Test(
        "samples have the mean and the variation of their law",
        arguments: [
            (Distribution.constant(3), 3, 0), (.uniform(low: 2, high: 6), 4, 4 / 12.0.squareRoot()),
            (.exponential(mean: 5), 5, 5), (.lognormal(mean: 800, cv: 0.5), 800, 400),
            (.geometric(mean: 4), 4, 12.0.squareRoot()), (.empirical([1, 2, 9]), 4, 38.0 / 3),
            (.gamma(mean: 5, cv: 1.5), 5, 7.5), (.weibull(mean: 5, cv: 0.4), 5, 2),
            (.negativeBinomial(mean: 6, cv: 1.2), 6, 7.2),
            // Mean and deviation of a table are those of its two even pieces.
            (
                .quantiles(probabilities: [0, 0.5, 1], values: [0, 2, 8]), 3,
                (19.0 / 3).squareRoot()
            ),
            (
                .mixture([
                    .init(weight: 3, law: .constant(2)),
                    .init(weight: 1, law: .exponential(mean: 10)),
                ]), 4, (3 + 50 - 16.0).squareRoot()
            ),
            // ln(100) · 1 / (1 − 1/100).
            (.pareto(low: 1, high: 100, index: 1), log(100) / 0.99, 9),
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
            .geometric(mean: 10), .empirical([1, 2, 3]), .gamma(mean: 3, cv: 2),
            .weibull(mean: 3, cv: 5), .negativeBinomial(mean: 20, cv: 1),
            .pareto(low: 1, high: 50, index: 0.6),
            .quantiles(probabilities: [0, 0.3, 1], values: [1, 1, 4]),
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

    @Test("probabilities are the share of samples below", arguments: Self.laws)
    func cumulative(law: Distribution) {
        let n = 20_000
        let samples = (0..<n).map { law.sample(unit: (Double($0) + 0.5) / Double(n)) }.sorted()
        for x in [0.5, 1, 1.5, 2.5, 4, 10, 30, 80] {
            let share = Double(samples.count { $0 <= x }) / Double(n)
            #expect((law.cumulative(at: x) - share).magnitude < 2e-4, "\(x)")
        }
    }

    static let laws: [Distribution] = [
        .constant(2), .uniform(low: 1, high: 3), .exponential(mean: 4), .lognormal(mean: 3, cv: 1),
        .gamma(mean: 3, cv: 2), .weibull(mean: 3, cv: 2), .pareto(low: 1, high: 50, index: 0.6),
        .geometric(mean: 5), .negativeBinomial(mean: 6, cv: 1.5), .empirical([1, 2, 9]),
        .quantiles(probabilities: [0, 0.3, 1], values: [1, 1, 4]),
        .mixture([
            .init(weight: 3, law: .constant(2)), .init(weight: 1, law: .exponential(mean: 10)),
        ]),
    ]

    @Test("degenerate laws still give a number")
    func degenerate() {
        #expect(Distribution.empirical([]).sample(unit: 0.5) == 0)
        #expect(Distribution.lognormal(mean: 0, cv: 1).sample(unit: 0.5) == 0)
        #expect(Distribution.lognormal(mean: 7, cv: 0).sample(unit: 0.9) == 7)
        #expect(Distribution.gamma(mean: 7, cv: 0).sample(unit: 0.9) == 7)
        #expect(Distribution.weibull(mean: 0, cv: 1).sample(unit: 0.9) == 0)
        #expect(Distribution.negativeBinomial(mean: 9, cv: 0.01).sample(unit: 0.9) == 9)
        #expect(Distribution.mixture([]).sample(unit: 0.5) == 0)
    }
}
