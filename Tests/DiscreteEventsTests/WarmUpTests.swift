import Testing

@testable import DiscreteEvents

@Suite("Warm-up and tails")
struct WarmUpTests {
    private func noise(_ seed: UInt64, _ count: Int) -> [Double] {
        let random = RandomStream(seed: seed, named: "noise")
        return (0..<count).map { random.unit($0) - 0.5 }
    }

    @Test("a step is cut off where it ends", arguments: [20, 100, 200])
    func step(_ length: Int) throws {
        let series = noise(1, 500).enumerated().map { $1 + ($0 < length ? 5 : 0) }
        let cut = try #require(WarmUp.truncation(of: series))
        #expect((length...(length + 15)).contains(cut), "cut at \(cut)")
        #expect(cut % 5 == 0)
    }

    @Test("a decay is cut off once it is lost in the noise")
    func decay() throws {
        var level = 20.0
        let series = noise(2, 1_000).map { (noise: Double) -> Double in
            level *= 0.97
            return noise + level
        }
        // The level is below a tenth of the noise's deviation of 0.29 after 215 observations.
        let cut = try #require(WarmUp.truncation(of: series))
        #expect((60...260).contains(cut), "cut at \(cut)")
    }

    @Test("stationary noise loses little, and a constant nothing")
    func stationary() throws {
        let cuts = (0..<200).compactMap { WarmUp.truncation(of: noise(UInt64($0) + 10, 500)) }
        #expect(cuts.count > 180)
        #expect(Double(cuts.reduce(0, +)) / Double(cuts.count) < 60)
        #expect(WarmUp.truncation(of: Array(repeating: 3, count: 100)) == 0)
    }

    @Test("a trend without end and a series that is too short have no answer")
    func unsettled() {
        let trend = noise(3, 500).enumerated().map { $1 * 0.1 + Double($0) }
        #expect(WarmUp.truncation(of: trend) == nil)
        #expect(WarmUp.truncation(of: noise(4, 49)) == nil)
        #expect(WarmUp.truncation(of: []) == nil)
    }

    @Test("Hill's estimate finds the index of a Pareto tail", arguments: [0.8, 1.5, 3])
    func pareto(index: Double) throws {
        let random = RandomStream(seed: 21, named: "tail")
        var histogram = LogHistogram()
        for draw in 0..<40_000 {
            histogram.record(
                DeterministicMath.exp(-DeterministicMath.log(random.unit(draw)) / index))
        }
        // The 200 greatest: a standard error of 7 %.
        let found = try #require(histogram.tailIndex)
        #expect((found / index - 1).magnitude < 0.25)
    }

    @Test("light tails have a large index: exponential, uniform, constant")
    func lightTails() throws {
        let random = RandomStream(seed: 22, named: "tail")
        for law in [Distribution.exponential(mean: 700), .uniform(low: 0, high: 9)] {
            var histogram = LogHistogram()
            for draw in 0..<10_000 { histogram.record(law.sample(unit: random.unit(draw))) }
            #expect(try #require(histogram.tailIndex) > 3)
        }
        var constant = LogHistogram()
        constant.record(512, count: 1_000)
        #expect(constant.tailIndex == .infinity)
        #expect(LogHistogram().tailIndex == nil)
    }
}
