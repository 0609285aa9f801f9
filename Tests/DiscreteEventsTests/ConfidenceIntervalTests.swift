import Foundation
import Testing

@testable import DiscreteEvents

@Suite("Confidence intervals")
struct ConfidenceIntervalTests {
    @Test("Student's t agrees with its closed forms and with published tables")
    func studentT() {
        #expect(
            (StudentT.quantile95(degreesOfFreedom: 1) - tan(0.475 * Double.pi)).magnitude < 1e-9)
        let two = 0.95 * (2 / (4 * 0.975 * 0.025)).squareRoot()
        #expect((StudentT.quantile95(degreesOfFreedom: 2) - two).magnitude < 1e-11)
        let published = [31: 2.039513446, 40: 2.021075390, 60: 2.000297821, 120: 1.979930405]
        for (degrees, value) in published {
            #expect((StudentT.quantile95(degreesOfFreedom: degrees) - value).magnitude < 3e-8)
        }
        #expect(StudentT.quantile95(degreesOfFreedom: .max) == StudentT.normal95)
        #expect(StudentT.quantile95(degreesOfFreedom: 0) == .infinity)
    }

    @Test("quantiles fall with every degree of freedom, across the end of the table too")
    func monotone() {
        let quantiles = (1...200).map { StudentT.quantile95(degreesOfFreedom: $0) }
        #expect(zip(quantiles, quantiles.dropFirst()).allSatisfy { $0 > $1 })
    }

    @Test("three replications: mean plus and minus 4.303 standard errors")
    func mean() throws {
        let interval = try #require(ConfidenceInterval.mean(of: [10, 12, 14]))
        let margin = 4.302652729749 * 2 / 3.0.squareRoot()
        #expect(interval.value == 12)
        #expect((interval.low - (12 - margin)).magnitude < 1e-12)
        #expect((interval.high - (12 + margin)).magnitude < 1e-12)
    }

    @Test("one replication leaves the error open, none leaves everything open")
    func tooFew() {
        #expect(ConfidenceInterval.mean(of: []) == nil)
        #expect(
            ConfidenceInterval.mean(of: [5])
                == ConfidenceInterval(low: -.infinity, value: 5, high: .infinity))
        #expect(ConfidenceInterval.proportion(0, of: 0) == nil)
    }

    @Test("Wilson's interval of 81 in 263 is the published one")
    func wilson() throws {
        // Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        let published: [(Int, Int, Double, Double)] = [
            (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ]
        for (successes, trials, low, high) in published {
            let interval = try #require(ConfidenceInterval.proportion(successes, of: trials))
            #expect((interval.low - low).magnitude < 5e-5)
            #expect((interval.high - high).magnitude < 5e-5)
        }
    }

    @Test("95 of 100 intervals hold the true mean")
    func coverage() throws {
        let random = RandomStream(seed: 12, named: "replications")
        let law = Distribution.uniform(low: 0, high: 2)
        let held = try (0..<4_000).count { trial in
            let interval = try #require(
                ConfidenceInterval.mean(
                    of: (0..<8).map { law.sample(unit: random.unit(trial, $0)) }))
            return interval.low <= 1 && 1 <= interval.high
        }
        // Four standard errors of 0.34 % around 95 %.
        #expect((Double(held) / 4_000 - 0.95).magnitude < 0.014)
    }
}
