import DiscreteEvents
import Scheduling
import ServingDomain
import Testing

@testable import Simulation

/// Totals of one run, and of several.
@Suite("Totals of runs")
struct RunTotalsTests {
    @Test("a report adds up what its runs counted")
    func sums() {
        let runs = (0..<6).map { seed in
            var scenario = Scenario(
                seed: UInt64(seed), policy: .colocatedV1, load: .scarceMemory)
            scenario.setup.host = nil
            return run(scenario.setup, scenario.sessions)
        }
        func sum(_ figure: (SimulationResult) -> Int) -> Int { runs.map(figure).reduce(0, +) }
        let report = ServingReport(runs)
        #expect(sum(\.preemptions) > 0 && sum(\.evictions) > 0 && sum(\.refusedSessions) > 0)
        #expect(report.preemptions == sum(\.preemptions))
        #expect(report.evictions == sum(\.evictions))
        #expect(report.recomputedTokens == sum(\.recomputedTokens))
        #expect(report.refusedSessions == sum(\.refusedSessions))
        #expect(report.rounds == sum(\.roundCount))
        #expect(report.loadedTokens == 0)
        #expect(report.localShare == 1)
        #expect(report.peakMemoryShare == runs.map(\.peakMemoryShare).max())
    }

    @Test("tokens from host memory are added up too")
    func loaded() {
        let runs = (0..<30).map { Scenario(seed: UInt64($0), policy: .infercept, load: .heavy) }
            .map { run($0.setup, $0.sessions) }
        let total = runs.reduce(0) { $0 + $1.loadedTokens }
        #expect(total > 0)
        #expect(ServingReport(runs).loadedTokens == total)
    }

    @Test("the backlog of several runs is that of one on the average")
    func meanBacklog() {
        let runs = [8.0, 12].map { rounds in
            var run = SimulationResult()
            run.backlogRounds = rounds
            return run
        }
        #expect(Backlog(runs).rounds == 10)
    }

    @Test("a refused session was released once, and every round of the others")
    func released() {
        let sessions = table(
            (0, [(10, 1, 0), (5, 1, 0)]), (0, [(99, 1, 0)]), (0, [(7, 1, 0)]))
        var running = RunningCluster(
            cluster(.alwaysLocal, capacity: 40), sessions, MeasuredSessions(first: 0, end: 3),
            keepsRounds: true)
        running.start()
        while running.step() {}
        running.finish()
        #expect(running.result.refusedSessions == 1)
        #expect(running.releasedRounds == 4)
    }

    @Test("a share of time beyond the fit is told, however small")
    func extrapolated() {
        var run = SimulationResult()
        (run.computeTicks, run.extrapolatedTicks) = (400, 1)
        let report = ServingReport([run])
        #expect(report.extrapolatedShare == 0.0025 && report.extrapolated)
        run.extrapolatedTicks = 0
        #expect(!ServingReport([run]).extrapolated)
    }

    @Test("half of what comes twice as fast as it is served is left behind")
    func backlog() {
        let sessions = table((0..<400).map { (Int64($0) * 5000, [(10, 1, 0)]) })
        let result = run(cluster(.alwaysLocal), sessions)
        // One prompt after the other takes 10,000 with a budget of one prompt.
        var setup = cluster(.alwaysLocal)
        setup.tokenBudget = 10
        let slow = run(setup, sessions)
        #expect(abs(slow.backlogGrowth - 0.5) < 0.01)
        #expect(abs(slow.backlogRounds - 200) < 4)
        #expect(result.roundCount == 400)
    }

    @Test("only the sessions in the middle are measured, and the run ends with them")
    func measured() {
        let sessions = table((0..<30).map { (Int64($0) * 1000, [(1, 2, 100), (1, 2, 0)]) })
        let result = ServingSimulation.run(
            cluster(.alwaysLocal), sessions: sessions,
            measured: MeasuredSessions(first: 5, end: 12), keepsRounds: true)
        #expect(result.sessions == 7)
        #expect(result.measuredJobs == 7)
        #expect(result.roundCount == 14)
        #expect(Set(result.rounds.map(\.session)) == Set(5..<12))
        #expect(result.endToEnd.count == 7)
    }
}
