import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Simulation
import Testing

/// Jobs whose times are worked out by hand, in nanoseconds, from the figures in `Fixtures.swift`:
/// 1,000 per prompt token, 600 for a step of one sequence; no transfers.
@Suite("Jobs worked out by hand")
struct JobTimelineTests {
    @Test("a round with two children goes on when both have ended")
    func forkAndJoin() throws {
        var sessions = table((0, [(10, 1, 5_000), (5, 1, 0)]))
        sessions.append(startedByRound: 0, rounds: [round(20, 1)])
        sessions.append(startedByRound: 0, rounds: [round(30, 2)])
        let result = run(cluster(.alwaysLocal), sessions)
        // Round 0 ends at 10,000 and starts both, whose prompts share a step of 50,000. The first
        // ends with it at 60,000, the second one step later. The delay was over at 15,000. The
        // next round prefills its 5 tokens and the last one of the answer.
        let times = ends(result)
        #expect(times == [[10_000, 66_600], [60_000], [60_600]])
        #expect(released(result) == [[0, 60_600], [10_000], [10_000]])
        let jobs = try #require(result.jobs)
        #expect(jobs.count == 1 && jobs.completion.max == 66_600)
        #expect(result.sessions == 3 && result.endToEnd.max == 66_600)
    }

    @Test("children have children; the job ends with what its last round started")
    func nested() throws {
        var sessions = SessionTable()
        sessions.append(arrival: 0, rounds: [round(10, 1, 100_000), round(5, 1)])
        sessions.append(startedByRound: 0, rounds: [round(10, 1), round(10, 1)])
        sessions.append(startedByRound: 1, rounds: [round(7, 3)])
        sessions.append(startedByRound: 2, rounds: [round(40, 1)])
        let result = run(cluster(.alwaysLocal), sessions)
        // The child's first round ends at 20,000, the grandchild at 60,000; only then does the
        // child's second round compute 11 tokens, until 71,000. The root's delay ends later, at
        // 110,000. Its last round computes 6 tokens and starts a session of 7,000 + 2 · 600.
        #expect(ends(result) == [[10_000, 116_000], [20_000, 71_000], [124_200], [60_000]])
        #expect(released(result)[1] == [10_000, 60_000])
        let jobs = try #require(result.jobs)
        #expect(jobs.completion.max == 124_200)
        // The root itself ends at 116,000; the session that it started last takes 8,200.
        #expect(result.endToEnd.max == 116_000 && result.endToEnd.min == 8_200)
    }

    @Test("a child that fits nowhere counts as ended at once, with all that it would start")
    func refusedChild() throws {
        var sessions = SessionTable()
        sessions.append(arrival: 0, rounds: [round(10, 1, 2_000), round(5, 1)])
        sessions.append(startedByRound: 0, rounds: [round(90, 20), round(1, 1)])
        sessions.append(startedByRound: 2, rounds: [round(3, 1)])
        sessions.append(arrival: 700_000, rounds: [round(10, 1)])
        let result = run(cluster(.alwaysLocal, capacity: 100), sessions)
        #expect(released(result)[0] == [0, 12_000])
        #expect(result.refusedSessions == 2 && result.refusedRounds == 3)
        #expect(result.sessions == 4 && result.endToEnd.count == 2)
        let jobs = try #require(result.jobs)
        #expect(jobs.count == 2 && jobs.refused == 1)
        #expect(jobs.completion.count == 1 && jobs.good == 1)
    }

    @Test("a job meets its targets if all of its sessions' rounds do, its mean gap, and its end")
    func targets() throws {
        var sessions = SessionTable()
        sessions.append(arrival: 0, rounds: [round(10, 1)])
        sessions.append(startedByRound: 0, rounds: [round(20, 3)])
        func good(_ ttft: Int, _ itl: Int, _ job: Int?) throws -> Int {
            var setup = cluster(.alwaysLocal)
            setup.service = ServiceLevel(
                ttft: .nanoseconds(ttft), itl: .nanoseconds(itl), job: job.map { .nanoseconds($0) })
            return try #require(run(setup, sessions).jobs).good
        }
        // The child's TTFT is 20,000, its gaps are 600, and it ends at 31,200.
        #expect(try good(20_000, 600, nil) == 1)
        #expect(try good(19_999, 600, nil) == 0)
        #expect(try good(20_000, 599, nil) == 0)
        #expect(try good(20_000, 600, 31_200) == 1)
        #expect(try good(20_000, 600, 31_199) == 0)
    }

    @Test("a fixed number of jobs at once: the next starts when one has ended with its tree")
    func closedLoop() {
        var sessions = SessionTable()
        for _ in 0..<2 { sessions.append(arrival: 0, rounds: [round(10, 1)]) }
        sessions.append(startedByRound: 1, rounds: [round(30, 1)])
        for _ in 0..<2 { sessions.append(arrival: 0, rounds: [round(20, 1)]) }
        sessions.append(arrival: 300_000, rounds: [round(20, 1)])
        sessions.concurrency = 2
        let result = run(cluster(.alwaysLocal), sessions)
        // Two prompts share a step until 20,000; the first job ends, the other starts its child.
        // The third job takes the free place; its prompt and the child's share the next 50,000.
        // Both places are free at 70,000. One job may take one, the other's arrival is later.
        #expect(
            released(result) == [[0], [0], [20_000], [20_000], [70_000], [300_000]])
        #expect(ends(result) == [[20_000], [20_000], [70_000], [70_000], [90_000], [320_000]])
    }

    @Test("a client goes on as long after a job as first tokens take on their way")
    func turnaround() {
        var sessions = SessionTable()
        for _ in 0..<3 { sessions.append(arrival: 0, rounds: [round(10, 1)]) }
        sessions.append(arrival: 50_000, rounds: [round(20, 1)])
        sessions.concurrency = 1
        let slow = WorkerCosts(
            degree: .one, prefill: plainWorker.prefill, decode: plainWorker.decode,
            firstToken: FirstTokenLatency(base: .nanoseconds(3_000)))
        let result = run(cluster(.alwaysLocal, worker: slow), sessions)
        // 10,000 each and 3,000 between them; the last one comes when it wants to.
        #expect(released(result) == [[0], [13_000], [26_000], [50_000]])
    }

    @Test("a target for jobs counts sessions that start nothing as jobs of their own")
    func singleSessions() throws {
        var setup = cluster(.alwaysLocal)
        let sessions = table((0, [(10, 1, 500), (5, 1, 0)]), (900_000, [(20, 1, 0)]))
        #expect(run(setup, sessions).jobs == nil)
        setup.service.job = .nanoseconds(20_000)
        // The first takes 10,000 + 500 + 6,000, the second 20,000.
        let result = run(setup, sessions)
        let jobs = try #require(result.jobs)
        #expect(jobs.count == 2 && jobs.good == 2)
        #expect(jobs.completion == result.endToEnd)
    }

    @Test("the report has jobs only where there are some, and a throughput only in a closed loop")
    func report() throws {
        var sessions = SessionTable()
        for _ in 0..<3 { sessions.append(arrival: 0, rounds: [round(10, 1)]) }
        let open = ServingReport([run(cluster(.alwaysLocal), sessions)])
        #expect(open.jobs == nil && open.jobsPerSecond == nil)
        sessions.append(startedByRound: 2, rounds: [round(2_000, 1)])
        sessions.concurrency = 1
        let closed = ServingReport([run(cluster(.alwaysLocal), sessions)])
        // One after the other, 10,000 each; the child's TTFT of 2,000,000 misses 1,000,000.
        #expect(try #require(closed.jobsPerSecond).rounded() == 100_000)
        let jobs = try #require(closed.jobs)
        #expect(jobs.count == 3 && jobs.refused == 0)
        #expect((jobs.attainment.value - 2 / 3.0).magnitude < 1e-12)
        #expect(try #require(jobs.completion).p99.value > 1_900_000)
    }

    private func round(_ new: Int, _ output: Int, _ delay: Int64 = 0) -> RoundScript {
        RoundScript(newTokens: new, outputTokens: output, delayAfter: delay)
    }

    private func ends(_ result: SimulationResult) -> [[Int64]] {
        bySession(result) { $0.released + $0.ttft + $0.decodeTime }
    }

    private func released(_ result: SimulationResult) -> [[Int64]] {
        bySession(result, \.released)
    }

    /// A time of every round, by session and round.
    private func bySession(
        _ result: SimulationResult, _ time: (RoundOutcome) -> Int64
    ) -> [[Int64]] {
        let last = result.rounds.map(\.session).max() ?? -1
        return (0...max(0, last)).map { session in
            result.rounds.filter { $0.session == session }.sorted { $0.round < $1.round }.map(time)
        }
    }
}
