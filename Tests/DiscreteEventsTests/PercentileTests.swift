import Testing

@testable import DiscreteEvents

@Suite("Percentiles")
struct PercentileTests {
    @Test("a percentile interpolates between neighbours at p/100 (n - 1)")
    func interpolates() {
        let values = [40.0, 10, 20, 30]
        #expect(Percentile.value(0, of: values) == 10)
        #expect(Percentile.value(50, of: values) == 25)
        #expect(Percentile.value(95, of: values) == 38.5)
        #expect(Percentile.value(100, of: values) == 40)
    }

    @Test("one value is every percentile, and no values have none")
    func fewValues() {
        #expect(Percentile.value(95, ofSorted: [3]) == 3)
        #expect(Percentile.value(50, ofSorted: []) == nil)
        #expect(Percentile.value(-5, ofSorted: [1, 2]) == 1)
        #expect(Percentile.value(500, ofSorted: [1, 2]) == 2)
        #expect(LogHistogram().percentile(50) == nil)
    }

    @Test(
        "a histogram's percentiles are within 0.1 % of the exact ones",
        arguments: [
            Distribution.lognormal(mean: 2e7, cv: 2), .exponential(mean: 1e-3),
            .uniform(low: 1e6, high: 1.001e6), .empirical([1, 1.9999, 2, 1e12]), .constant(0),
        ])
    func bounded(law: Distribution) throws {
        let random = RandomStream(seed: 6, named: "latencies")
        for n in [1, 2, 3, 10, 4_000] {
            let samples = (0..<n).map { law.sample(unit: random.unit($0, n)) }.sorted()
            var histogram = LogHistogram()
            for sample in samples { histogram.record(sample) }
            for p in stride(from: 0, through: 100, by: 2.5) {
                let exact = try #require(Percentile.value(p, ofSorted: samples))
                let estimate = try #require(histogram.percentile(p))
                #expect((estimate - exact).magnitude <= exact / 1_024 * 1.000_001)
            }
        }
    }

    @Test("count, sum, least and greatest are exact")
    func exactMoments() {
        var histogram = LogHistogram()
        histogram.record(nanoseconds: 5_000_001, count: 3)
        histogram.record(nanoseconds: 0)
        histogram.record(7, count: 0)
        #expect(histogram.count == 4 && histogram.sum == 15_000_003)
        #expect(histogram.min == 0 && histogram.max == 5_000_001)
        #expect(histogram.mean == 15_000_003 / 4.0)
        #expect(histogram.percentile(100) == 5_000_001 && histogram.percentile(0) == 0)
    }

    @Test("merging is the same as recording everything in one place")
    func merges() {
        let random = RandomStream(seed: 9, named: "parts")
        var (whole, first, second) = (LogHistogram(), LogHistogram(), LogHistogram())
        for draw in 0..<5_000 {
            let low = Double(random.integer(below: 1_000, draw))
            let high = Double(random.integer(below: 1_000_000_000, draw, 1))
            first.record(high)
            second.record(low)
            whole.record(low)
            whole.record(high)
        }
        first.merge(second)
        first.merge(LogHistogram())
        var reversed = LogHistogram()
        reversed.merge(first)
        #expect(first == whole && reversed == whole)
    }

    @Test("bins follow each other without a gap and are 1/1024 wide at most")
    func bins() {
        for value in [1e-9, 0.999, 1, 1.5, 3, 1e9, 123_456_789] {
            let bin = LogHistogram.bin(of: value)
            let (low, high) = (LogHistogram.lowerEdge(of: bin), LogHistogram.lowerEdge(of: bin + 1))
            #expect(low <= value && value < high)
            #expect((high - low) / low <= 1.0 / 1_024)
            #expect(LogHistogram.bin(of: high) == bin + 1)
        }
    }
}
