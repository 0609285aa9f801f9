import CostModeling
import DiscreteEvents
import Scheduling
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
        // Both are sent at 10,000, wait 2,000 and share the way into the worker for their 30 ns
        // each: they arrive at 12,060. Three steps of 700, then two of 600.
        let times = result.rounds.sorted { $0.session < $1.session }
        #expect(times[0].ttft == 12_060 + 700)
        #expect(times[0].decodeTime == 2 * 700)
        #expect(times[1].decodeTime == 2 * 700 + 2 * 600)
    }

    @Test("chunks of a prompt share steps with the decoding batch and leave it the first place")
    func chunked() {
        var setup = cluster(.alwaysLocal)
        setup.localPrefill = .chunked
        setup.tokenBudget = 11
        let result = run(setup, table((0, [(10, 4, 0)]), (10_100, [(20, 2, 0)])))
        // A: token 1 at 10,000, token 2 by a plain step at 10,600. The budget leaves 10 tokens beside
        // A: two steps of 600 + 10,000 + what one token more costs in the prompt operators, 1,000
        // less the same in a step of one, which is nothing. They end at 21,200 and 31,800 with
        // A's tokens 3 and 4 and B's first. B's second takes 600.
        let rounds = result.rounds.sorted { $0.session < $1.session }
        #expect(rounds[0].ttft == 10_000)
        #expect(rounds[0].decodeTime == 21_800)
        #expect(rounds[1].prefillStarted == 10_600)
        #expect(rounds[1].ttft == 31_800 - 10_100)
        #expect(rounds[1].decodeTime == 600)
    }

    @Test("where the first token is sampled decides what the transfer delays")
    func firstTokenSites() {
        func round(_ site: FirstTokenSite) -> RoundOutcome {
            var setup = cluster(.alwaysRemote)
            setup.firstTokenSite = site
            return run(setup, table((0, [(100, 3, 0)]))).rounds[0]
        }
        // Computed at 100,000, transferred by 102,300, steps of 600.
        #expect(round(.decode).ttft == 102_900)
        #expect(round(.decode).decodeTime == 1_200)
        #expect(round(.prefillShipped).ttft == 102_300)
        #expect(round(.prefillShipped).decodeTime == 1_200)
        #expect(round(.prefillDirect).ttft == 100_000)
        #expect(round(.prefillDirect).decodeTime == 2_300 + 1_200)
    }

    @Test("prefill workers may compute several tasks together")
    func prefillBatches() {
        func starts(_ batch: PrefillBatch) -> [Int64] {
            var setup = cluster(.alwaysRemote)
            setup.prefillBatch = batch
            let sessions = table(
                (0, [(10, 1, 0)]), (1, [(20, 1, 0)]), (2, [(30, 1, 0)]), (3, [(40, 1, 0)]))
            return run(setup, sessions).rounds.sorted { $0.session < $1.session }
                .map(\.prefillStarted)
        }
        // The second task is committed when it comes; what waits behind it joins as it may.
        #expect(starts(.oneTask) == [0, 10_000, 30_000, 60_000])
        #expect(starts(.tasks(2)) == [0, 10_000, 30_000, 30_000])
        #expect(starts(.tokens(70)) == [0, 10_000, 30_000, 30_000])
        #expect(starts(.tokens(69)) == [0, 10_000, 30_000, 60_000])
    }

    @Test("a prefill worker that does not read histories computes them again")
    func recompute() {
        var setup = cluster(.alwaysRemote)
        setup.historySource = .recompute
        let second = run(setup, table(twoRounds)).rounds[1]
        #expect(second.prefillStarted == second.released)
        #expect(second.prefillEnded == second.released + 153_000)
        #expect(second.ttft == 153_000 + 2_000 + 3 * 51 + 600)
    }

    @Test("a history is read from the length on that is worth it, and computed again below")
    func shortHistories() {
        func second(_ least: Int) -> RoundOutcome {
            var setup = cluster(.alwaysRemote)
            setup.leastHistoryRead = least
            return run(setup, table(twoRounds)).rounds[1]
        }
        // A history of 102 tokens.
        let read = second(0)
        #expect(read.prefillStarted > read.released)
        #expect(second(102).ttft == read.ttft)
        let again = second(103)
        #expect(again.prefillStarted == again.released)
        #expect(again.prefillEnded == again.released + 153_000)
        #expect(again.ttft == 153_000 + 2_000 + 3 * 51 + 600)
    }

    @Test("a full batch makes the next sequence wait for a place")
    func batchLimit() {
        var setup = cluster(.alwaysRemote, prefill: 2)
        setup.maxSequences = 1
        let result = run(setup, table((0, [(10, 2, 0)]), (0, [(10, 1, 0)])))
        let times = result.rounds.sorted { $0.session < $1.session }
        #expect(times[0].ttft == 12_060 + 600)
        #expect(times[1].ttft == 12_060 + 1_200 + 600)
    }
}

@Suite("KV memory of a decode worker")
struct KVMemoryTests {
    @Test("a prompt waits until its blocks are free")
    func waits() throws {
        let result = run(
            cluster(.alwaysLocal, capacity: 25), table((0, [(20, 3, 0)]), (0, [(10, 3, 0)])))
        let second = try #require(result.rounds.first { $0.session == 1 })
        // Session 0 prefills for 20,000 and decodes two more tokens in steps of 600.
        #expect(second.prefillStarted == 21_200)
        #expect(second.ttft == 21_200 + 10_000)
        #expect(result.preemptions == 0)
    }

    @Test("a remote prompt waits for the blocks that its KV cache will need")
    func waitsRemotely() throws {
        let result = run(
            cluster(.alwaysRemote, capacity: 25), table((0, [(20, 3, 0)]), (1, [(10, 3, 0)])))
        let second = try #require(result.rounds.first { $0.session == 1 })
        // Session 0: computed at 20,000, sent by 22,060, three steps of 600.
        #expect(second.memoryWait == 23_860 - 1)
        #expect(second.prefillStarted == 23_860)
    }

    @Test("when a batch outgrows the memory its last member gives way and is prefilled again")
    func preemption() throws {
        let result = run(
            cluster(.alwaysLocal, capacity: 25), table((0, [(10, 5, 0)]), (0, [(10, 5, 0)])))
        // Both prompts are computed by 20,000. Steps of 700 end at 20,700 and 21,400 and fill 24
        // tokens; the third needs two more, so session 1 gives its 12 up with three tokens out.
        // Session 0 ends alone in steps of 600 at 22,600. Then 13 tokens of session 1 are computed,
        // which gives its fourth token, and one step of 600 its last.
        let (first, second) = (result.rounds[0], result.rounds[1])
        #expect([first.session, second.session] == [0, 1])
        #expect(first.decodeTime == 2 * 700 + 2 * 600)
        #expect(second.ttft == 20_000)
        #expect(second.decodeTime == 22_600 + 13_000 + 600 - 20_000)
        #expect(result.preemptions == 1)
        #expect(result.recomputedTokens == 13)
        #expect(result.gaps.max == Double(22_600 + 13_000 - 21_400))
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

    @Test("pinned history makes others wait, discarded history is prefilled again")
    func retentions() throws {
        var setup = cluster(.alwaysLocal, capacity: 25)
        let sessions = table((0, [(10, 5, 1_000_000), (3, 1, 0)]), (500_000, [(14, 1, 0)]))
        setup.retention = .pinned
        let pinned = run(setup, sessions)
        // Idle history alone never blocks: nothing else runs, so that it is given up.
        #expect(pinned.evictions == 1)
        setup.retention = .discarded
        let discarded = run(setup, sessions)
        #expect(discarded.evictions == 0)
        #expect(discarded.recomputedTokens == 14)
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
