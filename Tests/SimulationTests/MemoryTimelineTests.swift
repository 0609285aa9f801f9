import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Simulation
import Testing

/// All instants where memory is short, worked out by hand; figures as in `ClusterTimelineTests`.
@Suite("Timelines of scarce memory")
struct MemoryTimelineTests {
    @Test("preemption takes the newest; after a remote prefill it is prefilled again at home")
    func preemption() {
        let result = run(
            cluster(.alwaysRemote, prefill: 2, capacity: 22),
            table((0, [(10, 5, 0)]), (0, [(10, 5, 0)])))
        // Nine blocks each are taken before the prefill. Both transfers share the worker's port, so
        // that both join at 12,060, and two steps of 700 fill 22 blocks. The third needs two more: B gives 11 up with two tokens out. A takes three
        // steps of 600. From 15,260 on B's 12 tokens are computed, which gives its third, and two
        // steps of 600 follow.
        #expect(
            result.timeline == [
                Instants(0, 0, 10_000, 12_760, 15_260),
                Instants(0, 0, 10_000, 12_760, 28_460),
            ])
        #expect(result.preemptions == 1)
        #expect(result.recomputedTokens == 12)
        // From 13,460 to 27,260.
        #expect(result.gaps.max == 13_800)
        #expect(result.gaps.count == 8)
        #expect(result.peakMemoryShare == 1)
    }

    @Test("blocks of several tokens are taken in the step that needs them")
    func growthByBlocks() {
        func seen(_ capacity: Int) -> SimulationResult {
            run(
                cluster(.alwaysLocal, capacity: capacity, blockSize: 4),
                table((0, [(7, 6, 0)]), (0, [(7, 6, 0)])))
        }
        // Both prompts are computed until 14,000 and hold two blocks each; the second of five steps
        // takes a third one for both. Six blocks are enough.
        #expect(
            seen(24).timeline == [
                Instants(0, 0, 14_000, 14_000, 17_500),
                Instants(0, 0, 14_000, 14_000, 17_500),
            ])
        // With five B gives way at 14,700. Its nine tokens need three blocks, and A holds as many
        // until 17,100. Three steps are left after B's third token at 26,100.
        #expect(
            seen(20).timeline == [
                Instants(0, 0, 14_000, 14_000, 17_100),
                Instants(0, 0, 14_000, 14_000, 27_900),
            ])
        #expect(seen(20).preemptions == 1)
    }

    @Test("layers with a window take blocks of their own for each sequence, once")
    func windows() {
        func seen(_ capacity: Int, _ window: KeptWindow?) -> SimulationResult {
            var setup = cluster(.alwaysLocal, capacity: capacity, blockSize: 4)
            setup.keptBeside = window.map { .window($0) }
            return run(setup, table((0, [(7, 6, 0)]), (0, [(7, 6, 0)])))
        }
        // As above, two blocks each and a third in the second step: six in all, and with three more of
        // a window of 8 tokens for each sequence twelve, which is 48 tokens.
        let window = KeptWindow(tokens: 8, layers: 2, wholeLayers: 2)
        #expect(seen(48, window).timeline == seen(24, nil).timeline)
        #expect(seen(48, window).peakMemoryShare == 1)
        // One block less, and B gives way at 14,700 with the five that it holds. It needs six for its nine
        // tokens, which are there when A ends at 17,100.
        #expect(seen(44, window).timeline == seen(20, nil).timeline)
        #expect(seen(44, window).preemptions == 1)
        // A window of 100 tokens is no longer than the sessions, which reach 13, four blocks, in two layers
        // to each other one: eight more for each.
        let long = KeptWindow(tokens: 100, layers: 2, wholeLayers: 1)
        #expect(seen(88, long).timeline == seen(24, nil).timeline)
        #expect(seen(88, long).peakMemoryShare == 1)
    }

    @Test("states take as many blocks for each sequence, however short it is")
    func states() {
        func seen(_ capacity: Int, _ state: KeptState?) -> SimulationResult {
            var setup = cluster(.alwaysLocal, capacity: capacity, blockSize: 4)
            setup.keptBeside = state.map { .state($0) }
            return run(setup, table((0, [(7, 6, 0)]), (0, [(7, 6, 0)])))
        }
        // As above, six blocks in all, and with three more of a state of eleven tokens twelve.
        let state = KeptState(bytes: Bytes(1050), bytesPerToken: Bytes(100))
        #expect(seen(48, state).timeline == seen(24, nil).timeline)
        #expect(seen(48, state).peakMemoryShare == 1)
        #expect(seen(44, state).timeline == seen(20, nil).timeline)
        #expect(seen(44, state).preemptions == 1)
    }

    @Test("a batch that grows evicts idle history, which is computed again on its return")
    func growthEvicts() {
        let result = run(
            cluster(.alwaysRemote, capacity: 25),
            table((0, [(10, 5, 1_000_000), (3, 1, 0)]), (500_000, [(10, 5, 0)])))
        // A leaves 14 tokens. B takes nine before its prefill and one with each step; the third
        // step finds none, and A's go. A's whole 18 tokens are computed from 1,015,030 on.
        #expect(
            result.timeline == [
                Instants(0, 0, 10_000, 12_630, 15_030),
                Instants(1_015_030, 1_015_030, 1_033_030, 1_035_684, 1_035_684),
                Instants(500_000, 500_000, 510_000, 512_630, 515_030),
            ])
        #expect(result.evictions == 1)
        #expect(result.preemptions == 0)
        #expect(result.recomputedTokens == 14)
    }

    @Test("idle history goes in order of the ends of its rounds, and no more than is needed")
    func leastRecentlyEnded() {
        let result = run(
            cluster(.alwaysLocal, capacity: 40),
            table(
                (0, [(10, 1, 1_000_000), (1, 1, 0)]), (50_000, [(12, 1, 1_000_000), (1, 1, 0)]),
                (100_000, [(20, 1, 0)])))
        // 10 and 12 tokens are idle and 18 free when 20 are needed: the older ten go.
        #expect(result.evictions == 1)
        #expect(
            result.timeline == [
                Instants(0, 0, 10_000, 10_000, 10_000),
                Instants(1_010_000, 1_010_000, 1_022_000, 1_022_000, 1_022_000),
                Instants(50_000, 50_000, 62_000, 62_000, 62_000),
                Instants(1_062_000, 1_062_000, 1_064_000, 1_064_000, 1_064_000),
                Instants(100_000, 100_000, 120_000, 120_000, 120_000),
            ])
    }

    @Test("rounds that wait for memory are admitted first come first served, small or not")
    func firstComeFirstServed() {
        let result = run(
            cluster(.alwaysRemote, capacity: 25),
            table((0, [(20, 3, 0)]), (1, [(10, 1, 0)]), (2, [(3, 1, 0)])))
        // A holds 19 blocks and ends at 23,860. B needs nine, and C, which needs two, waits behind.
        #expect(
            result.timeline == [
                Instants(0, 0, 20_000, 22_660, 23_860),
                Instants(1, 23_860, 33_860, 36_490, 36_490),
                Instants(2, 33_860, 36_860, 39_469, 39_469),
            ])
        #expect(result.rounds.map(\.memoryWait).sorted() == [0, 23_858, 23_859])
        #expect(result.memoryWait.max == 23_859)
    }

    @Test("a seat is taken by a sequence that is about to join as well")
    func seats() {
        var setup = cluster(.alwaysLocal)
        setup.maxSequences = 1
        let seen = run(setup, table((0, [(10, 3, 0)]), (1, [(10, 2, 0)])))
        #expect(
            seen.timeline == [
                Instants(0, 0, 10_000, 10_000, 11_200),
                Instants(1, 11_200, 21_200, 21_200, 21_800),
            ])
    }

    @Test("the head of a queue takes the memory of those behind it when nothing else goes on")
    func waitingGivesWay() {
        // Both come back with 11 tokens in the same instant and need 24 of 30 blocks each: with
        // eight free the first can only go on if the second gives its history up.
        let result = run(
            cluster(.alwaysLocal, capacity: 30),
            table((0, [(10, 2, 100_000), (12, 5, 0)]), (0, [(10, 2, 100_000), (12, 5, 0)])))
        // Two prompts until 20,000, one step of 700. From 120,700 on A prefills 13 tokens and
        // decodes four steps of 600; then B prefills all its 24.
        #expect(
            result.timeline == [
                Instants(0, 0, 20_000, 20_000, 20_700),
                Instants(120_700, 120_700, 133_700, 133_700, 136_100),
                Instants(0, 0, 20_000, 20_000, 20_700),
                Instants(120_700, 136_100, 160_100, 160_100, 162_500),
            ])
        #expect(result.evictions == 1)
        #expect(result.recomputedTokens == 11)
    }
}
