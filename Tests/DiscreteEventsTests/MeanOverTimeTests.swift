import DiscreteEvents
import Testing

@Suite("Means over time")
struct MeanOverTimeTests {
    @Test("a quantity counts for as long as it lasts")
    func timeWeighted() {
        var queue = TimeWeighted(1, since: SimulatedTime(nanoseconds: 100))
        #expect(queue.mean(until: SimulatedTime(nanoseconds: 100)) == 1)
        queue.change(to: 4, at: SimulatedTime(nanoseconds: 130))
        queue.change(to: 0, at: SimulatedTime(nanoseconds: 140))
        #expect(queue.mean(until: SimulatedTime(nanoseconds: 170)) == 1)
        #expect(queue.max == 4 && queue.value == 0)
    }

    @Test("a window holds what was emitted after its opening and up to its end")
    func edges() {
        var mean = SlidingMean(window: 10)
        #expect(mean.mean(at: .zero) == nil)
        mean.add(SimulatedTime(nanoseconds: 0), sum: 6, count: 2)
        mean.add(SimulatedTime(nanoseconds: 5), sum: 9, count: 1)
        #expect(mean.mean(at: SimulatedTime(nanoseconds: 9)) == 5)
        #expect(mean.mean(at: SimulatedTime(nanoseconds: 10)) == 9)
        #expect(mean.mean(at: SimulatedTime(nanoseconds: 15)) == nil)
        #expect(mean.mean(at: SimulatedTime(nanoseconds: 9)) == 5)
    }

    @Test(
        "every window, present or past, agrees with brute force", arguments: [0, 7, 400] as [Int64])
    func bruteForce(horizon: Int64) {
        var random = RandomSequence(seed: 10, named: "samples")
        var mean = SlidingMean(window: 100, horizon: horizon)
        var samples: [(time: Int64, sum: Int64, count: Int)] = []
        var now: Int64 = 0
        for _ in 0..<4_000 {
            now += Int64(random.integer(below: random.unit() < 0.02 ? 300 : 12))
            if random.unit() < 0.7 {
                let sample = (now, Int64(random.integer(below: 1_000)), random.integer(below: 3))
                samples.append(sample)
                mean.add(SimulatedTime(nanoseconds: now), sum: sample.1, count: sample.2)
            }
            let past = max(samples.last?.time ?? 0, 0) - horizon
            #expect(mean.mean(at: SimulatedTime(nanoseconds: now)) == exact(samples, endingAt: now))
            #expect(
                mean.mean(asOf: SimulatedTime(nanoseconds: past)) == exact(samples, endingAt: past))
        }
    }

    private func exact(
        _ samples: [(time: Int64, sum: Int64, count: Int)], endingAt end: Int64
    ) -> Double? {
        let inside = samples.filter { $0.time > end - 100 && $0.time <= end }
        let count = inside.reduce(0) { $0 + $1.count }
        return count > 0 ? Double(inside.reduce(0) { $0 + $1.sum }) / Double(count) : nil
    }
}
