import CostModeling
import DiscreteEvents
import ServingDomain
import Simulation
import Testing

/// Times worked out by hand, in nanoseconds, from the figures in `Fixtures.swift`.
@Suite("Timelines worked out by hand")
struct HandTimelineTests {
    let twoRounds: Script = (0, [(100, 3, 1_000_000), (50, 1, 0)])

    @Test("an unloaded session with remote prefill: read, compute, write back, decode")
    func remote() {
        let rounds = run(cluster(.alwaysRemote), table(twoRounds)).rounds
        // Round 1: compute 100 tokens, send 100 tokens (2,000 + 300), three steps of 600.
        #expect(rounds[0].prefillStarted == 0)
        #expect(rounds[0].prefillEnded == 100_000)
        #expect(rounds[0].ttft == 100_000 + 2_300 + 600)
        #expect(rounds[0].decodeTime == 2 * 600)
        // Ends at 104,100; the tool takes 1,000,000. History 102, and the last token of the
        // answer is prefilled with the 50 new ones.
        #expect(rounds[1].released == 1_104_100)
        #expect(rounds[1].prefillStarted == 1_104_100 + 2_000 + 3 * 102)
        #expect(rounds[1].prefillEnded == rounds[1].prefillStarted + 51_000)
        #expect(rounds[1].ttft == 2_306 + 51_000 + 2_000 + 3 * 51 + 600)
        #expect(rounds[1].decodeTime == 0)
        #expect(!rounds[1].isLocal)
    }

    @Test("an unloaded session with local prefill: no transfer, the prefill samples token one")
    func local() {
        let rounds = run(cluster(.alwaysLocal), table(twoRounds)).rounds
        #expect(rounds[0].ttft == 100_000)
        #expect(rounds[0].decodeTime == 2 * 600)
        #expect(rounds[1].released == 1_101_200)
        #expect(rounds[1].ttft == 51_000)
        #expect(rounds.map(\.isLocal) == [true, true])
    }

    @Test("a local prefill waits for the running step and then stalls the batch")
    func stall() {
        let result = run(
            cluster(.alwaysLocal), table((0, [(10, 4, 0)]), (10_700, [(20, 2, 0)])))
        // A: token 1 at 10,000, tokens 2 and 3 at 10,600 and 11,200. B prefills from 11,200 to
        // 31,200; one step of both (700) then gives A its token 4 and B its token 2.
        let rounds = result.rounds.sorted { $0.session < $1.session }
        #expect(rounds[0].decodeTime == 31_900 - 10_000)
        #expect(rounds[1].ttft == 31_200 - 10_700)
        #expect(rounds[1].decodeTime == 700)
        #expect(result.gaps.count == 4)
    }

    @Test("prompts that wait together run in one step, up to the token budget")
    func prefillStep() {
        var setup = cluster(.alwaysLocal)
        setup.tokenBudget = 100
        let result = run(
            setup,
            table(
                (0, [(10, 1, 0)]), (1, [(60, 1, 0)]), (2, [(40, 1, 0)]), (3, [(1, 1, 0)]),
                (4, [(300, 1, 0)])))
        // The first runs alone until 10,000. 60 + 40 tokens fill the budget, so that the single
        // token waits for the next step; 300 tokens do not fit beside it and run alone.
        let ends = result.rounds.sorted { $0.session < $1.session }.map(\.prefillEnded)
        #expect(ends == [10_000, 110_000, 110_000, 111_000, 411_000])
    }

    @Test("the history of the next task is read while the present one computes")
    func overlap() throws {
        // Session 0 returns with a history while session 1 computes for 200,000 ns.
        let result = run(
            cluster(.alwaysRemote),
            table((0, [(100, 1, 1_000), (50, 1, 0)]), (101_000, [(200, 1, 0)])))
        // Round 1 of session 0 ends at 102,900 and returns at 103,900; session 1 computes from
        // 101,000 to 301,000, so that the read (2,000 + 300) is over long before.
        let second = try #require(result.rounds.first { $0.session == 0 && $0.round == 1 })
        #expect(second.released == 103_900)
        #expect(second.prefillStarted == 301_000)
    }

    @Test("a read longer than the computation before it delays the start")
    func longRead() {
        let slow = TransferCosts(
            latency: .nanoseconds(500_000), bandwidth: Bandwidth(bytesPerSecond: 1e9),
            bytesPerToken: 3)
        let result = run(
            cluster(.alwaysRemote, transfer: slow), table((0, [(100, 1, 1_000), (50, 1, 0)])))
        let second = result.rounds[1]
        #expect(second.prefillStarted == second.released + 500_300)
    }

    @Test("sequences that join together share steps; the batch grows and shrinks at boundaries")
    func batch() {
        let result = run(
            cluster(.alwaysRemote, prefill: 2), table((0, [(10, 3, 0)]), (0, [(10, 5, 0)])))
        // Both arrive at 12,030; three steps of 700, then two of 600.
        let times = result.rounds.sorted { $0.session < $1.session }
        #expect(times[0].ttft == 12_030 + 700)
        #expect(times[0].decodeTime == 2 * 700)
        #expect(times[1].decodeTime == 2 * 700 + 2 * 600)
    }

    @Test("a full batch makes the next sequence wait for a place")
    func batchLimit() {
        var setup = cluster(.alwaysRemote, prefill: 2)
        setup.maxSequences = 1
        let result = run(setup, table((0, [(10, 2, 0)]), (0, [(10, 1, 0)])))
        let times = result.rounds.sorted { $0.session < $1.session }
        #expect(times[0].ttft == 12_030 + 600)
        #expect(times[1].ttft == 12_030 + 1_200 + 600)
    }
}

@Suite("KV memory of a decode worker")
struct KVMemoryTests {
    @Test("a round waits until its whole final context fits, first come first served")
    func waits() throws {
        let result = run(
            cluster(.alwaysLocal, capacity: 25), table((0, [(10, 5, 0)]), (0, [(10, 5, 0)])))
        let second = try #require(result.rounds.first { $0.session == 1 })
        // Session 0 prefills for 10,000 and decodes four more tokens in steps of 600.
        #expect(second.memoryWait == 12_400)
        #expect(second.ttft == 12_400 + 10_000)
    }

    @Test("idle history is evicted under pressure and prefilled again")
    func eviction() throws {
        let result = run(
            cluster(.alwaysLocal, capacity: 25),
            table((0, [(10, 5, 1_000_000), (3, 1, 0)]), (500_000, [(10, 5, 0)])))
        let back = try #require(result.rounds.first { $0.session == 0 && $0.round == 1 })
        #expect(result.evictions == 1)
        #expect(result.recomputedTokens == 14)
        // 14 tokens of history, the last answer's last token and 3 new ones.
        #expect(back.ttft == 18_000)
    }

    @Test("idle history that nobody presses stays")
    func retention() {
        let result = run(
            cluster(.alwaysLocal, capacity: 40),
            table((0, [(10, 5, 1_000_000), (3, 1, 0)]), (500_000, [(10, 5, 0)])))
        #expect(result.evictions == 0)
        #expect(result.rounds.last.map(\.ttft) == .some(4_000))
    }

    @Test("sessions that wait for memory with history of their own cannot block each other")
    func noDeadlock() {
        let result = run(
            cluster(.alwaysLocal, capacity: 30),
            table((0, [(10, 2, 100_000), (12, 5, 0)]), (0, [(10, 2, 100_000), (12, 5, 0)])))
        #expect(result.rounds.count == 4)
        #expect(result.evictions >= 1)
    }

    @Test("a session that no worker can ever hold is refused and counts as missed rounds")
    func refused() {
        let result = run(
            cluster(.alwaysLocal, capacity: 20), table((0, [(10, 5, 0), (10, 5, 0)])))
        #expect(result.refusedSessions == 1)
        #expect(result.refusedRounds == 2)
        #expect(result.rounds.isEmpty)
    }

    @Test("memory is handed out in whole blocks")
    func blocks() {
        // 15 tokens take one block of 16; two sessions fit into 32 tokens.
        let result = run(
            cluster(.alwaysLocal, capacity: 32, blockSize: 16),
            table((0, [(10, 5, 0)]), (0, [(10, 5, 0)])))
        #expect(result.rounds.map(\.memoryWait) == [0, 0])
    }
}
