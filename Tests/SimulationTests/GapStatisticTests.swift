import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Testing

@testable import Simulation

/// Which statistic of the gaps between tokens is held against the target.
@Suite("Attainment by statistic of the gaps")
struct GapStatisticTests {
    /// Shares of good rounds, by statistic, under an ITL target in nanoseconds.
    private func good(
        _ setup: ClusterSetup, _ sessions: SessionTable, itl: Int64
    ) -> [ServiceLevel.ITLStatistic: Double] {
        var setup = setup
        setup.service = ServiceLevel(ttft: .seconds(1), itl: .nanoseconds(itl))
        let result = run(setup, sessions)
        return ServiceLevel.ITLStatistic.allCases.reduce(into: [:]) {
            $0[$1] = Attainment(headline: .itlOnly, statistic: $1).estimate([result])?.value
        }
    }

    @Test("a stalled step is one long gap among many")
    func stall() {
        // B's prompt of ten tokens stops A at 8,000 for 10,000, and B stays for two steps of 700:
        // A's gaps are 38 times 600, 10,700 and 700, B's are 700 and 700.
        let sessions = table((0, [(5, 41, 0)]), (8000, [(10, 3, 0)]))
        func shares(_ itl: Int64) -> [Double?] {
            let found = good(cluster(.alwaysLocal), sessions, itl: itl)
            return ServiceLevel.ITLStatistic.allCases.map { found[$0] }
        }
        // A's mean is 855, and two of its 40 gaps may be beyond the 95th percentile.
        #expect(shares(700) == [0.5, 1, 0.5, 0.5])
        #expect(shares(699) == [0, 0.5, 0, 0])
        #expect(shares(854) == [0.5, 1, 0.5, 0.5])
        #expect(shares(855) == [1, 1, 0.5, 0.5])
        #expect(shares(10_699) == [1, 1, 0.5, 0.5])
        #expect(shares(10_700) == [1, 1, 1, 1])
    }

    @Test("of a hundred gaps one may be longer than the 99th percentile")
    func allowances() {
        typealias Statistic = ServiceLevel.ITLStatistic
        #expect(Statistic.mean.allowance(of: 100) == nil)
        #expect([19, 20, 39, 40].map { Statistic.p95.allowance(of: $0) } == [0, 1, 1, 2])
        #expect([99, 100, 200].map { Statistic.p99.allowance(of: $0) } == [0, 1, 2])
        #expect(Statistic.max.allowance(of: 1000) == 0)
    }

    @Test("steps beyond a limit are counted in closed form as one by one", arguments: 0..<40)
    func longSteps(seed: Int) {
        var random = RandomSequence(seed: UInt64(seed), named: "steps")
        let count = 1 + random.integer(below: 30)
        let growth = Int64(random.integer(below: 21) - 10)
        let run = StepRun(
            start: 0, first: 400, growth: growth, steps: count, isFitted: true)
        let limit = Int128(400 + random.integer(below: 600) - 300)
        for from in 0...count {
            let slow = (from..<count).filter { Ticks.wide(run.ticks(of: $0)) > limit }.count
            #expect(run.steps(from: from, longerThan: limit) == slow)
        }
    }

    private static let policies: [ServingPolicy.Name] = [
        .ampd, .colocatedV1, .alwaysLocal, .continuumCode, .distserve,
    ]

    @Test("every gap of a round counts once, whatever happens to it", arguments: 0..<100)
    func everyGap(seed: Int) {
        let scenario = Scenario(
            seed: UInt64(seed), policy: Self.policies[seed % 5], load: .scarceMemory)
        func rounds(
            _ itl: Duration, _ stepping: ClusterSetup.Stepping = .inRuns
        ) -> [RoundOutcome] {
            var setup = scenario.setup
            setup.service.itl = itl
            setup.stepping = stepping
            return run(setup, scenario.sessions).rounds
        }
        #expect(rounds(.nanoseconds(1)).allSatisfy { $0.gapsOverTarget == $0.outputTokens - 1 })
        #expect(rounds(.seconds(1)).allSatisfy { $0.gapsOverTarget == 0 })
        for target in [700, 1100, 5000] {
            let target = Duration.nanoseconds(target)
            #expect(
                rounds(target).map(\.gapsOverTarget)
                    == rounds(target, .oneByOne).map(\.gapsOverTarget))
        }
    }
}
