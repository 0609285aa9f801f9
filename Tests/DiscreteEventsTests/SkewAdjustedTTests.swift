import Testing

@testable import DiscreteEvents

@Suite("Student's t with a correction for skewness")
struct SkewAdjustedTTests {
    @Test("without skewness the interval is Student's")
    func symmetric() throws {
        let values = [8.0, 9, 10, 11, 12]
        let margins = SkewAdjustedT(values).margins
        let student = try #require(ConfidenceInterval.mean(of: values))
        #expect((10 + margins.low - student.low).magnitude < 1e-12)
        #expect((10 + margins.high - student.high).magnitude < 1e-12)
    }

    @Test("a long right tail moves both ends to the right, turned round to the left")
    func skewed() throws {
        let values = [1.0, 1.1, 1.2, 1.4, 4]
        let test = SkewAdjustedT(values)
        let student = try #require(ConfidenceInterval.mean(of: values))
        #expect(test.mean + test.margins.low > student.low)
        #expect(test.mean + test.margins.high > student.high)
        let turned = SkewAdjustedT(values.map { -$0 }).margins
        #expect((turned.low + test.margins.high).magnitude < 1e-12)
    }

    @Test("the ends are where the test turns: the interval is the test turned round")
    func inversion() {
        let random = RandomStream(seed: 3, named: "skew")
        let law = Distribution.lognormal(mean: 1, cv: 1.5)
        for trial in 0..<200 {
            let values = (0..<(2 + trial % 12)).map { law.sample(unit: random.unit(trial, $0)) }
            let margins = SkewAdjustedT(values).margins
            let mean = SkewAdjustedT(values).mean
            func sign(_ truth: Double) -> Int { SkewAdjustedT(values.map { $0 - truth }).sign }
            let width = margins.high - margins.low
            #expect(sign(mean + margins.low + 1e-6 * width) == 0)
            #expect(sign(mean + margins.low - 1e-6 * width) == 1)
            #expect(sign(mean + margins.high - 1e-6 * width) == 0)
            #expect(sign(mean + margins.high + 1e-6 * width) == -1)
        }
    }

    @Test("values without spread leave no doubt")
    func constant() {
        #expect(SkewAdjustedT([2, 2, 2]).sign == 1)
        #expect(SkewAdjustedT([-2, -2]).sign == -1)
        #expect(SkewAdjustedT([0, 0]).sign == 0)
        let margins = SkewAdjustedT([7, 7, 7]).margins
        #expect(margins.low == 0 && margins.high == 0)
    }
}

@Suite("Intervals over replications")
struct ReplicationIntervalTests {
    @Test("a ratio weighs replications by their units")
    func ratio() throws {
        let totals = [
            ReplicationTotal(amount: 10, units: 1), ReplicationTotal(amount: 30, units: 4),
            ReplicationTotal(amount: 50, units: 5),
        ]
        let interval = try #require(ConfidenceInterval.ratio(of: totals))
        #expect(interval.value == 9)
        #expect(interval.low < 9 && interval.high > 9)
        let alone = try #require(ConfidenceInterval.ratio(of: [totals[1]]))
        #expect(alone.value == 7.5 && alone.low == -.infinity && alone.high == .infinity)
        #expect(ConfidenceInterval.ratio(of: [ReplicationTotal(amount: 0, units: 0)]) == nil)
    }

    @Test("a percentile's interval holds it, and equal replications leave no more than a bin")
    func percentile() throws {
        var histogram = LogHistogram()
        for value in 1...2_000 { histogram.record(Double(value)) }
        let equal = try #require(
            ConfidenceInterval.percentile(95, of: [histogram, histogram, histogram]))
        #expect(equal.low <= equal.value && equal.value <= equal.high)
        #expect(equal.high - equal.low <= 2.1 * equal.value / 1_024)
        var longer = LogHistogram()
        for value in 1...2_000 { longer.record(Double(value) * 1.2) }
        let spread = try #require(
            ConfidenceInterval.percentile(95, of: [histogram, longer, histogram]))
        #expect(spread.low < 1_900 && spread.high > 1_950)
    }

    @Test("degenerate data: constants, zeros, one replication, nothing")
    func degenerate() throws {
        var (constant, zeros) = (LogHistogram(), LogHistogram())
        constant.record(5, count: 100)
        zeros.record(0, count: 100)
        let five = ConfidenceInterval(low: 5, value: 5, high: 5)
        #expect(ConfidenceInterval.percentile(95, of: [constant, constant]) == five)
        let nothing = ConfidenceInterval(low: 0, value: 0, high: 0)
        #expect(ConfidenceInterval.percentile(95, of: [zeros, zeros]) == nothing)
        let mixed = try #require(ConfidenceInterval.percentile(50, of: [constant, zeros]))
        #expect(mixed.low == 0 && mixed.high == 5)
        let open = try #require(ConfidenceInterval.percentile(95, of: [constant]))
        #expect(open.low == 0 && open.value == 5 && open.high == .infinity)
        #expect(ConfidenceInterval.percentile(95, of: []) == nil)
        #expect(ConfidenceInterval.percentile(95, of: [LogHistogram(), LogHistogram()]) == nil)
    }

    @Test("the influences on a percentile add up to nothing and point the right way")
    func influences() throws {
        var (low, high) = (LogHistogram(), LogHistogram())
        for value in 1...1_000 {
            low.record(Double(value))
            high.record(Double(value) * 1.1)
        }
        let linear = try #require(LinearRatio(percentile: 95, of: [low, high]))
        #expect((linear.deviations[0] + linear.deviations[1]).magnitude < 1e-9)
        // Each alone would be about 5 % away from the middle of 950 and 1,045.
        #expect(linear.deviations[0] < -35 && linear.deviations[1] > 35)
        #expect(LinearRatio(percentile: 100, of: [low, high]) == nil)
    }
}

@Suite("Tail of Student's t")
struct StudentTTests {
    @Test("the tail beyond the 97.5 % point is 2.5 %, and both tails are alike")
    func quantile() {
        for freedom in stride(from: 2, through: 40, by: 2) {
            let point = StudentT.quantile95(degreesOfFreedom: freedom)
            let tail = StudentT.upperTail(point, degreesOfFreedom: freedom)
            #expect((tail - 0.025).magnitude < 1e-8)
            let other = StudentT.upperTail(-point, degreesOfFreedom: freedom)
            #expect((other - 0.975).magnitude < 1e-8)
        }
        #expect(StudentT.upperTail(0, degreesOfFreedom: 6) == 0.5)
        #expect(StudentT.upperTail(.infinity, degreesOfFreedom: 2) == 0)
        #expect(StudentT.upperTail(-.infinity, degreesOfFreedom: 2) == 1)
        // With two degrees of freedom the tail is (1 - t / sqrt(2 + t²)) / 2.
        #expect(
            (StudentT.upperTail(1, degreesOfFreedom: 2) - 0.21132486540518713).magnitude < 1e-15)
    }
}
