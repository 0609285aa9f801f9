import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Testing

@testable import Simulation

/// Two setups that serve the same sessions.
@Suite("Paired differences")
struct PairedComparisonTests {
    /// 300 sessions at a load of 0.7 of one prefill worker, one result per seed.
    private func runs(_ setup: ClusterSetup, seeds: Range<UInt64>) -> [SimulationResult] {
        seeds.map { seed in
            var random = RandomSequence(seed: seed, named: "paired")
            var (sessions, time) = (SessionTable(), 0.0)
            for _ in 0..<300 {
                time -= 143_000 * DeterministicMath.log(random.unit())
                let script = RoundScript(
                    newTokens: 20 + random.integer(below: 161),
                    outputTokens: 2 + random.integer(below: 8), delayAfter: 0)
                sessions.append(arrival: Int64(time), rounds: [script])
            }
            return ServingSimulation.run(
                setup, sessions: sessions, measured: MeasuredSessions(first: 60, end: 260))
        }
    }

    private let base = cluster(.alwaysRemote)

    @Test("an interval is skewed as the differences are")
    func skewed() throws {
        func runs(_ latencies: [Int64]) -> [SimulationResult] {
            latencies.map { latency in
                var run = SimulationResult()
                run.ttft.record(nanoseconds: latency)
                return run
            }
        }
        // Differences of 100, four times, and 1,000: the mean may well be larger.
        let compared = PairedDifference(
            .latency(.ttft, .mean), runs([500, 500, 500, 500, 500]),
            runs([600, 600, 600, 600, 1_500]))
        let difference = try #require(compared?.difference)
        #expect(abs(difference.value - 280) < 1)
        #expect(difference.high - difference.value > 1.5 * (difference.value - difference.low))
        // Steady differences are significant in either direction.
        let (quick, slow) = (runs([500, 501, 502]), runs([600, 602, 601]))
        let mean = ServingStatistic.latency(.ttft, .mean)
        #expect(try #require(PairedDifference(mean, quick, slow)).isSignificant)
        #expect(try #require(PairedDifference(mean, slow, quick)).isSignificant)
    }

    @Test("a setup compared with itself differs by exactly nothing")
    func itself() throws {
        let results = runs(base, seeds: 1..<6)
        let comparison = PairedComparison(results, results)
        #expect(comparison.differences.count == ServingStatistic.usual.count)
        for difference in comparison.differences {
            #expect(difference.difference == Estimate(value: 0, low: 0, high: 0))
            #expect(!difference.isSignificant)
        }
    }

    @Test(
        "a difference is the other's pooled figure minus the base's, and changes sign when turned")
    func antisymmetric() throws {
        let (slow, quick) = (
            runs(base, seeds: 1..<8), runs(cluster(.alwaysRemote, prefill: 2), seeds: 1..<8)
        )
        let (there, back) = (PairedComparison(slow, quick), PairedComparison(quick, slow))
        for (one, two) in zip(there.differences, back.differences) {
            let expected = try #require(one.statistic.estimate(quick)).value
            #expect(one.other == expected)
            #expect(one.difference.value == one.other - one.base)
            #expect(one.difference.value == -two.difference.value)
            #expect((one.difference.low + two.difference.high).magnitude < 1e-6 * one.base + 1e-12)
        }
        let ttft = try #require(there[.latency(.ttft, .p95)])
        #expect(ttft.difference.high < 0, "a second prefill worker shortens the queue")
        #expect(try #require(ttft.relative).value < 0)
    }

    @Test("what both setups have in common cancels: the paired interval is the narrower one")
    func commonRandomNumbers() throws {
        var faster = base
        faster.prefill = .workers([plainWorker.slowed(by: 0.9)])
        let (one, two) = (runs(base, seeds: 1..<11), runs(faster, seeds: 1..<11))
        let statistic = ServingStatistic.latency(.ttft, .mean)
        let paired = try #require(PairedDifference(statistic, one, two)).difference
        let alone = try #require(statistic.estimate(one))
        #expect(paired.high < 0)
        #expect(paired.high - paired.low < 0.5 * (alone.high - alone.low))
    }

    @Test("runs of different sessions, and what was not measured, are not compared")
    func incomparable() {
        let few = [run(base, table((0, [(10, 2, 0)])))]
        let more = [run(base, table((0, [(10, 2, 0)]), (5, [(10, 2, 0)])))]
        #expect(PairedComparison(few, more).differences.isEmpty)
        let oneToken = [run(base, table((0, [(10, 1, 0)])))]
        #expect(PairedDifference(.latency(.itl, .p95), oneToken, oneToken) == nil)
        #expect(PairedComparison([], few).differences.isEmpty)
    }

    @Test("one pair of replications leaves the difference open")
    func onePair() throws {
        let (slow, quick) = (
            runs(base, seeds: 1..<2), runs(cluster(.alwaysRemote, prefill: 2), seeds: 1..<2)
        )
        let ttft = try #require(PairedDifference(.latency(.ttft, .p50), slow, quick))
        #expect(ttft.difference.low == -.infinity && ttft.difference.high == .infinity)
        #expect(!ttft.isSignificant)
    }
}
