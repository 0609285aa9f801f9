import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Simulation
import Testing

/// What is kept of prompts and conversations, every instant worked out by hand; figures as in
/// `ClusterTimelineTests`: prefill 1,000 ns per token, a step 500 ns plus 100 ns per sequence.
@Suite("Timelines of KV caches")
struct CacheTimelineTests {
    private func starts(_ result: SimulationResult) -> [Int64] {
        result.rounds.sorted { $0.session < $1.session }.map { $0.prefillEnded - $0.prefillStarted }
    }

    @Test("a prompt computes only what others have not computed before it")
    func sharedPrefix() {
        let sessions = sharing([(0, [(10, 1, 0)]), (20_000, [(12, 1, 0)]), (40_000, [(8, 1, 0)])])
        let result = run(cluster(.alwaysLocal, blockSize: 4), sessions)
        // The second has 8 of its 12 tokens. The third has them all, and computes its last block,
        // since one token has to be computed and blocks are shared whole.
        #expect(starts(result) == [10_000, 4000, 8000])
    }

    @Test("without prefix caching everybody computes everything")
    func off() {
        var setup = cluster(.alwaysLocal, blockSize: 4)
        setup.prefixCaching = false
        let result = run(setup, sharing([(0, [(10, 1, 0)]), (20_000, [(12, 1, 0)])]))
        #expect(starts(result) == [10_000, 12_000])
    }

    @Test("what is still being computed is not shared, and the copy is given back")
    func atTheSameTime() {
        var setup = cluster(.alwaysLocal, capacity: 24, blockSize: 4)
        setup.tokenBudget = 100
        let sessions = sharing([
            (0, [(10, 1, 0)]), (0, [(10, 1, 0)]), (30_000, [(22, 2, 0)]),
        ])
        let result = run(setup, sessions)
        // Both prompts take three blocks and are computed in one step of 20,000. Two of the six
        // blocks are shared from then on, so that the third prompt finds 8 tokens and takes four.
        #expect(starts(result) == [20_000, 20_000, 14_000])
        #expect(result.evictions == 0)
    }

    @Test("a segment of half a block is shared as far as its whole blocks go")
    func halfBlocks() {
        let sessions = sharing([(0, [(10, 1, 0)]), (20_000, [(12, 1, 0)])], tokens: 10)
        let result = run(cluster(.alwaysLocal, blockSize: 4), sessions)
        #expect(starts(result) == [10_000, 4000])
    }

    @Test("idle segments are evicted for others, least recently used first")
    func eviction() {
        let sessions = sharing([(0, [(10, 1, 0)])])
        var table = sessions
        // 21 tokens take six blocks of six: both idle ones of the segment go.
        table.append(
            arrival: 20_000, rounds: [RoundScript(newTokens: 21, outputTokens: 1, delayAfter: 0)])
        table.append(
            arrival: 50_000, rounds: [RoundScript(newTokens: 10, outputTokens: 1, delayAfter: 0)])
        table.setPrefix(0..<1)
        let result = run(cluster(.alwaysLocal, capacity: 24, blockSize: 4), table)
        #expect(starts(result) == [10_000, 21_000, 10_000])
    }

    @Test("a conversation that loses its shared beginning is computed again from there")
    func lostBeginning() {
        var table = sharing([(0, [(10, 1, 100_000), (2, 1, 0)])])
        table.append(
            arrival: 20_000, rounds: [RoundScript(newTokens: 13, outputTokens: 1, delayAfter: 0)])
        // Six blocks. The session keeps two shared blocks and one of its own; the other needs four
        // and evicts the session's own first, which was left before the segment. That is one of
        // four, three were free.
        let result = run(cluster(.alwaysLocal, capacity: 24, blockSize: 4), table)
        let rounds = result.rounds.sorted { ($0.session, $0.round) < ($1.session, $1.round) }
        // The second round: 10 + 1 + 2 tokens, of which the shared 8 are there.
        #expect(rounds.map { $0.prefillEnded - $0.prefillStarted } == [10_000, 5000, 13_000])
        #expect(result.evictions == 1)
    }

    @Test("round robin takes each round elsewhere; what a worker has seen of a session helps")
    func dispatchByRound() {
        var setup = cluster(.colocatedV0, prefill: 0, decode: 2)
        setup.policy.dispatch = .roundRobin
        let result = run(
            setup, table((0, [(10, 2, 1000), (5, 2, 1000), (3, 2, 0)])))
        // Round 0 on worker 0, round 1 on worker 1: 10 + 1 + 1 + 5 - 1 tokens, nothing cached:
        // 10 tokens, their answer of two, and 5. Round 2 is on worker 0, which knows 11 tokens of
        // 19 + 3.
        #expect(starts(result) == [10_000, 17_000, 11_000])
    }

    @Test("a sticky session computes its increments alone")
    func sticky() {
        let result = run(
            cluster(.colocatedV0, prefill: 0, decode: 2),
            table((0, [(10, 2, 1000), (5, 2, 1000), (3, 2, 0)])))
        #expect(starts(result) == [10_000, 6000, 4000])
    }

    @Test("prefix-aware dispatch weighs what is cached against what is being served")
    func prefixAware() {
        var setup = cluster(.colocatedV0, prefill: 0, decode: 2)
        setup.policy.dispatch = .prefixAware
        // A runs on worker 0. B starts on worker 1, since worker 0 serves 40 tokens. A's second
        // round goes back to its history.
        let sessions = table((0, [(40, 2, 60_000), (5, 1, 0)]), (1000, [(20, 1, 0)]))
        let rounds = run(setup, sessions).rounds
            .sorted { ($0.session, $0.round) < ($1.session, $1.round) }
        #expect(rounds.map(\.prefillStarted) == [0, 100_600, 1000])
        #expect(rounds.map { $0.prefillEnded - $0.prefillStarted } == [40_000, 6000, 20_000])
    }
}
