import DiscreteEvents
import Scheduling
import Testing

@testable import ServingDomain
@testable import Simulation

/// Sessions that belong to tenants are served as others are, and held against their own targets.
@Suite("Tenants")
struct TenantTests {
    private static let names = ["quick", "slow"]

    /// The same sessions, of which a third is of no tenant, and a third of each of two.
    private static func labelled(_ sessions: SessionTable, seed: Int) -> SessionTable {
        var (table, random) = (sessions, RandomSequence(seed: UInt64(seed), named: "tenants"))
        for name in names { _ = table.tenants.add(name) }
        for job in 0..<sessions.jobCount {
            let label = Int16(random.integer(below: 3)) - 1
            for session in sessions.trees.sessions(ofJob: job) {
                table.tenants.set(label, ofSession: session)
            }
        }
        return table
    }

    private struct Case: Sendable {
        var scenario: Scenario
        let plain: SessionTable

        init(number: Int) {
            scenario = Scenario(number: number)
            if number % 4 == 3 { scenario = scenario.withJobs }
            plain = scenario.sessions
            scenario.sessions = TenantTests.labelled(plain, seed: number)
            scenario.setup.service.ttft = .nanoseconds(9_000)
            scenario.setup.service.itl = .nanoseconds(1_100)
        }

        /// The run where tenants have these targets in nanoseconds, those not named the general ones.
        func run(_ targets: [String: (ttft: Int, itl: Int)]) -> SimulationResult {
            var setup = scenario.setup
            setup.service.tenants = targets.sorted { $0.key < $1.key }.map {
                ServiceLevel.Tenant(
                    name: $0.key, ttft: .nanoseconds($0.value.ttft),
                    itl: .nanoseconds($0.value.itl))
            }
            return SimulationTests.run(setup, scenario.sessions)
        }

        func tenant(_ round: RoundOutcome) -> Int {
            Int(scenario.sessions.tenants.label(ofSession: round.session)) + 1
        }
    }

    @Test("targets of tenants change nothing but what is good", arguments: 0..<120)
    func served(number: Int) {
        let planned = Case(number: number)
        let plain = SimulationTests.run(planned.scenario.setup, planned.plain)
        let same = planned.run([:])
        func figures(_ rounds: [RoundOutcome]) -> [[Int64]] {
            rounds.map {
                [
                    Int64($0.session), Int64($0.round), $0.released, $0.prefillStarted,
                    $0.prefillEnded, $0.ttft, $0.decodeTime, Int64($0.gapsOverTarget),
                    Int64($0.prefillWorker ?? -1), Int64($0.servingWorker ?? -1),
                ]
            }
        }
        let isSame = figures(same.rounds) == figures(plain.rounds)
        #expect(isSame)
        #expect(same.rounds.allSatisfy { Int($0.tenant) == planned.tenant($0) })
        #expect(same.gaps == plain.gaps && same.ttft == plain.ttft)
        #expect(same.good.joint == plain.good.joint && same.good.sessions == plain.good.sessions)
        #expect(same.jobs?.good == plain.jobs?.good)
        // Parts make up the whole.
        var (gaps, ttft) = (LogHistogram(), LogHistogram())
        for tenant in same.tenants {
            gaps.merge(tenant.gaps)
            ttft.merge(tenant.ttft)
        }
        #expect(gaps.count == plain.gaps.count && gaps.max == plain.gaps.max)
        #expect(ttft.count == plain.ttft.count)
        #expect(same.tenants.reduce(0) { $0 + $1.sessions } == plain.sessions)
        #expect(same.tenants.reduce(0) { $0 + $1.refusedRounds } == plain.refusedRounds)
        #expect(
            same.tenants.reduce(PerStatistic()) { $0 &+ $1.good.sessions } == plain.good.sessions)
    }

    @Test("each tenant's rounds are held against its own targets", arguments: 0..<120)
    func targets(number: Int) {
        let planned = Case(number: number)
        let (quick, slow) = ((ttft: 3_000, itl: 800), (ttft: 40_000, itl: 4_000))
        let result = planned.run(["quick": quick, "slow": slow])
        // What each would count if all had its targets.
        let alone = [
            planned.run([:]), planned.run(["quick": quick, "slow": quick]),
            planned.run(["quick": slow, "slow": slow]),
        ]
        let targets = [(ttft: 9_000, itl: 1_100), quick, slow]
        var good = [SimulationResult.GoodCounts](repeating: .init(), count: 3)
        for (place, round) in result.rounds.enumerated() {
            let tenant = planned.tenant(round)
            #expect(round.gapsOverTarget == alone[tenant].rounds[place].gapsOverTarget)
            let gaps = GapTotals(
                time: round.decodeTime, count: Int64(round.outputTokens - 1),
                over: Int64(round.gapsOverTarget))
            let meets = gaps.meets(Double(targets[tenant].itl))
            good[tenant].itl &+= meets
            if round.ttft <= Int64(targets[tenant].ttft) {
                good[tenant].ttft += 1
                good[tenant].joint &+= meets
            }
        }
        for tenant in result.tenants.indices {
            #expect(result.tenants[tenant].good.ttft == good[tenant].ttft)
            #expect(result.tenants[tenant].good.joint == good[tenant].joint)
            #expect(result.tenants[tenant].good.itl == good[tenant].itl)
            // The gaps that are longer than the target are those in the tenant's own histogram.
            #expect(
                result.tenants[tenant].good.sessions == alone[tenant].tenants[tenant].good.sessions)
            #expect(result.tenants[tenant].gaps == alone[0].tenants[tenant].gaps)
        }
        #expect(result.good.ttft == good.reduce(0) { $0 + $1.ttft })
    }

    @Test("gaps of a tenant are those of its rounds, by hand")
    func byHand() {
        // As in the timeline of a stalled step: A's gaps are 38 times 600, 10,700 and 700, B's are 700
        // and 700.
        var sessions = table((0, [(5, 41, 0)]))
        let (a, b) = (sessions.tenants.add("a") ?? 0, sessions.tenants.add("b") ?? 0)
        sessions.setTenant(a)
        sessions.append(
            arrival: 8_000, rounds: [RoundScript(newTokens: 10, outputTokens: 3, delayAfter: 0)])
        sessions.setTenant(b)
        var setup = cluster(.alwaysLocal)
        setup.service = ServiceLevel(ttft: .seconds(1), itl: .nanoseconds(500))
        setup.service.tenants = [
            .init(name: "a", ttft: .seconds(1), itl: .nanoseconds(700)),
            .init(name: "b", ttft: .nanoseconds(1), itl: .nanoseconds(700)),
        ]
        let result = run(setup, sessions)
        #expect(result.tenants.map(\.gaps.count) == [0, 40, 2])
        #expect(result.rounds.map(\.gapsOverTarget).sorted() == [0, 1])
        // A's mean is 855; its long gap is one of the two that may be beyond P95.
        #expect(result.tenants[1].good.itl == PerStatistic(0, 1, 0, 0))
        #expect(result.tenants[2].good.itl == PerStatistic(1, 1, 1, 1))
        #expect(result.tenants[2].good.ttft == 0 && result.tenants[2].good.sessions == .zero)
        let report = ServingReport([result])
        #expect(report.tenants.map(\.name) == ["a", "b"])
        #expect(report.tenants.map(\.rounds) == [1, 1])
        #expect(report.tenants[0].attainment[.ttftOnly]?.value == 1)
        #expect(report.tenants[1].attainment[.ttftOnly]?.value == 0)
    }
}
