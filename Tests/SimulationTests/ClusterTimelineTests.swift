import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Simulation
import Testing

/// All instants of small clusters, worked out by hand from docs/semantics.md.
///
/// Prefill takes 1,000 ns per token, a decode step 500 ns and 100 ns per sequence, a transfer
/// 2,000 ns and 3 ns per token. Each line is one round: released, prefill begins, prefill ends,
/// first token, last token.
@Suite("Timelines of small clusters")
struct ClusterTimelineTests {
    @Test("two sessions on one co-located worker: a prompt goes before the next decode step")
    func twoSessions() {
        // A's prompt ends at 10,000. B has come meanwhile and is computed before A decodes; then
        // both decode together (700), and A alone (600).
        let seen = run(
            cluster(.alwaysLocal), table((0, [(10, 3, 0)]), (5_000, [(20, 2, 0)])))
        #expect(
            seen.timeline == [
                Instants(0, 0, 10_000, 10_000, 31_300),
                Instants(5_000, 10_000, 30_000, 30_000, 30_700),
            ])
    }

    @Test("a read that began under the computation before it delays the start by what is left")
    func partlyHiddenRead() {
        let slow = TransferCosts(
            latency: .nanoseconds(30_000), bandwidth: Bandwidth(bytesPerSecond: 1e9),
            bytesPerToken: 3)
        let seen = run(
            cluster(.alwaysRemote, transfer: slow),
            table((0, [(100, 1, 1_000), (50, 1, 0)]), (110_000, [(50, 1, 0)])))
        // Round 2 of the first session comes back at 131,900, while the second session computes
        // from 110,000 to 160,000. Its 100 tokens of history are read until 162,200.
        #expect(
            seen.timeline == [
                Instants(0, 0, 100_000, 130_900, 130_900),
                Instants(131_900, 162_200, 213_200, 243_953, 243_953),
                Instants(110_000, 110_000, 160_000, 190_750, 190_750),
            ])
    }

    @Test("an increment travels back while the worker computes the next task")
    func hiddenWriteBack() {
        let seen = run(cluster(.alwaysRemote), table((0, [(100, 1, 0)]), (1, [(40, 1, 0)])))
        // 100 tokens are sent until 102,300, 40 tokens from 140,000 until 142,120.
        #expect(
            seen.timeline == [
                Instants(0, 0, 100_000, 102_900, 102_900),
                Instants(1, 100_000, 140_000, 142_720, 142_720),
            ])
    }

    @Test("a tool that takes no time releases the next round in the same instant")
    func noDelay() {
        let seen = run(cluster(.alwaysLocal), table((0, [(10, 2, 0), (5, 1, 0)])))
        // The answer's last token is prefilled with the five new ones.
        #expect(
            seen.timeline == [
                Instants(0, 0, 10_000, 10_000, 10_600),
                Instants(10_600, 10_600, 16_600, 16_600, 16_600),
            ])
    }

    @Test("a task that was postponed as often as allowed is next, a task that was not steps back")
    func postponement() {
        func starts(limit: Int) -> [Int64] {
            var setup = cluster(.ampdReordering)
            setup.service = ServiceLevel(ttft: .nanoseconds(120_000), itl: .milliseconds(1))
            setup.policy[.maxPostponements] = Double(limit)
            // X computes until 50,000 and C, committed at once, until 60,000. L of 90 tokens is too
            // late whatever happens; the first short task goes before it at 50,000. The second one
            // comes at 55,000 and meets its target only if it goes before L too, at 60,000.
            let sessions = table(
                (0, [(50, 1, 0)]), (1, [(10, 1, 0)]), (2, [(90, 1, 0)]), (3, [(20, 1, 0)]),
                (55_000, [(20, 1, 0)]))
            return run(setup, sessions).timeline.map(\.started)
        }
        #expect(starts(limit: 0) == [0, 50_000, 60_000, 150_000, 170_000])
        #expect(starts(limit: 1) == [0, 50_000, 80_000, 60_000, 170_000])
        #expect(starts(limit: 2) == [0, 50_000, 100_000, 60_000, 80_000])
    }

    @Test("routing sees the queues as they were, and what was running then")
    func stateDelay() {
        func starts(delay: Duration) -> [Int64] {
            var setup = cluster(.alwaysRemote, prefill: 2)
            setup.policy.stateDelay = delay
            let sessions = table(
                (0, [(100, 1, 0)]), (10_000, [(100, 1, 0)]), (60_000, [(100, 1, 0)]))
            return run(setup, sessions).timeline.map(\.started)
        }
        // At 10,000 the second worker is free. At 60,000 it has 50,000 left, the first 40,000.
        #expect(starts(delay: .zero) == [0, 10_000, 100_000])
        // The second session still sees two empty workers and takes the first. The third sees the
        // state of 10,000: one task running and one waiting at the first worker.
        #expect(starts(delay: .nanoseconds(50_000)) == [0, 100_000, 60_000])
    }

    @Test("two prompts share a step of chunks, and their sequences the next decode step")
    func chunks() {
        var setup = cluster(.alwaysLocal)
        setup.localPrefill = .chunked
        setup.tokenBudget = 30
        let seen = run(setup, table((0, [(40, 3, 0)]), (1, [(15, 2, 0)])))
        // 30 of A until 30,000; 10 of A and 15 of B until 55,000; a step of both, then one of A.
        #expect(
            seen.timeline == [
                Instants(0, 0, 55_000, 55_000, 56_300),
                Instants(1, 30_000, 55_000, 55_000, 55_700),
            ])
    }

    @Test("without slack anywhere the cheaper of local and remote is taken")
    func adaptive() {
        var setup = cluster(.ampdRouting)
        setup.service = ServiceLevel(ttft: .nanoseconds(100_000), itl: .nanoseconds(500))
        let result = run(
            setup,
            table((0, [(200, 3, 0)]), (300_000, [(50, 2, 0)]), (310_000, [(10, 1, 0)])))
        // The first round goes out, as nothing is known; it takes 203,200 to its first token, and
        // its gaps are 600, both more than their targets. The second costs 50,000 here and 52,150
        // there. The third costs 40,000 of waiting and 10,000 here, 12,030 there; its KV cache
        // arrives at 322,030 and waits for the prompt that is computed until 350,000.
        #expect(
            result.timeline == [
                Instants(0, 0, 200_000, 203_200, 204_400),
                Instants(300_000, 300_000, 350_000, 350_000, 350_700),
                Instants(310_000, 310_000, 320_000, 350_700, 350_700),
            ])
        #expect(result.rounds.count { $0.isLocal } == 1)
        #expect(result.localRounds == 1)
    }

    @Test("sessions are bound where most blocks are free")
    func binding() {
        let seen = run(
            cluster(.alwaysLocal, decode: 2, capacity: 1_000),
            table((0, [(300, 50, 0)]), (0, [(100, 50, 0)]), (0, [(100, 50, 0)])))
        // 700 blocks are left on the first worker and 900 on the second, which computes both small
        // prompts in one step. 49 steps of 600 there, of 700 here.
        #expect(
            seen.timeline == [
                Instants(0, 0, 300_000, 300_000, 329_400),
                Instants(0, 0, 200_000, 200_000, 234_300),
                Instants(0, 0, 200_000, 200_000, 234_300),
            ])
    }

    /// Two rounds of a session on remote workers whose engine has this latency.
    private func roundsBehind(_ latency: FirstTokenLatency) -> SimulationResult {
        let worker = WorkerCosts(
            degree: .one, prefill: plainWorker.prefill, decode: plainWorker.decode,
            firstToken: latency)
        return run(
            cluster(.alwaysRemote, worker: worker), table((0, [(100, 3, 500), (50, 1, 0)])))
    }

    @Test("the first-token latency of the engine is part of TTFT and of nothing else")
    func firstTokenLatency() {
        let result = roundsBehind(FirstTokenLatency(base: .nanoseconds(7_000)))
        // 102,900 and 56,059 without it; the first round ends at 104,100.
        #expect(result.rounds.map(\.ttft) == [109_900, 63_059])
        #expect(result.rounds.map(\.decodeTime) == [1_200, 0])
        #expect(result.rounds[1].released == 104_600)
        #expect(result.endToEnd.max == 167_659)
    }

    @Test("longer prompts take longer to the engine, cached or not, and it does not wait for that")
    func firstTokenLatencyOfTokens() {
        let result = roundsBehind(
            FirstTokenLatency(base: .nanoseconds(7_000), perPromptToken: .nanoseconds(10)))
        // As above, with 10 for each of 100 tokens, and of 153: three were generated between.
        #expect(result.rounds.map(\.promptTokens) == [100, 153])
        #expect(result.rounds.map(\.ttft) == [110_900, 64_589])
        #expect(result.rounds[1].released == 104_600)
        #expect(result.endToEnd.max == 169_189)
    }

    @Test("between workers of unlike degrees the narrower side decides how fast KV moves")
    func degrees() throws {
        let wide = WorkerCosts(
            degree: try #require(TensorParallelDegree(4)), prefill: plainWorker.prefill,
            decode: plainWorker.decode)
        let two = try #require(TensorParallelDegree(2))
        let narrow = WorkerCosts(
            degree: two, prefill: plainWorker.prefill, decode: plainWorker.decode)
        var setup = cluster(.alwaysRemote, worker: wide)
        setup.prefill = .workers([narrow])
        // 3 ns per token and lane: 1,000 tokens over two lanes take 1,500.
        let seen = run(setup, table((0, [(1_000, 1, 500), (999, 1, 0)])))
        #expect(
            seen.timeline == [
                Instants(0, 0, 1_000_000, 1_004_100, 1_004_100),
                Instants(1_004_600, 1_008_100, 2_008_100, 2_012_200, 2_012_200),
            ])
    }
}

/// One side of the cluster is an infinite server: every round takes what it takes alone.
@Suite("Timelines of one replica alone")
struct ReplicaTimelineTests {
    let twoRounds: Script = (0, [(100, 3, 1_000_000), (50, 1, 0)])

    @Test("with infinite decode servers histories travel before the queue, and TTFT starts there")
    func prefillReplica() {
        var setup = cluster(.alwaysRemote)
        setup.decode = .unlimited(plainWorker)
        // The first round ends at 104,100; 102 tokens of history arrive at 1,106,406.
        #expect(
            run(setup, table(twoRounds)).timeline == [
                Instants(0, 0, 100_000, 102_900, 104_100),
                Instants(1_106_406, 1_106_406, 1_157_406, 1_160_159, 1_160_159),
            ])
    }

    @Test(
        "an infinite prefill server may sample the first token, whenever that is shown",
        arguments: [
            // Prompts of 100 tokens until 100,000; they travel in 2,300.
            (FirstTokenSite.prefillDirect, Instants(0, 0, 100_000, 100_000, 103_500)),
            (.prefillShipped, Instants(0, 0, 100_000, 102_300, 103_500)),
        ])
    func firstTokenOfInfiniteServer(site: FirstTokenSite, first: Instants) {
        var setup = cluster(.alwaysRemote, capacity: 260)
        setup.prefill = .unlimited(plainWorker)
        setup.firstTokenSite = site
        // Two steps give tokens 2 and 3. The second round has one token: 102 of history travel there
        // in 2,306, 51 are computed and sent in 2,153.
        let result = run(setup, table(twoRounds))
        let shown: Int64 = site == .prefillDirect ? 1_156_806 : 1_158_959
        #expect(
            result.timeline == [
                first, Instants(1_103_500, 1_105_806, 1_156_806, shown, shown),
            ])
        #expect(result.evictions == 0)
    }

    @Test("with infinite prefill servers nobody waits for anybody's prefill")
    func decodeReplica() {
        var setup = cluster(.alwaysRemote)
        setup.prefill = .unlimited(plainWorker)
        // Two sessions at once are computed at once and meet in the batch (700 a step).
        #expect(
            run(setup, table(twoRounds, (0, [(100, 2, 0)]))).timeline == [
                Instants(0, 0, 100_000, 103_000, 104_300),
                Instants(1_104_300, 1_106_606, 1_157_606, 1_160_359, 1_160_359),
                Instants(0, 0, 100_000, 103_000, 103_700),
            ])
    }
}
