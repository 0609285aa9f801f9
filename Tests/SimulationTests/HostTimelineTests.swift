import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Simulation
import Testing

/// Histories in host memory and InferCept, every instant worked out by hand; figures as in
/// `ClusterTimelineTests`: prefill 1,000 ns per token, a step 500 ns plus 100 ns per sequence.
@Suite("Timelines of host memory")
struct HostTimelineTests {
    /// 3,000 ns and 300 ns per token.
    private func host(_ capacity: Int) -> HostTier {
        HostTier(
            capacity: Tokens(capacity), latency: .nanoseconds(3000),
            bandwidth: Bandwidth(bytesPerSecond: 1e7), bytesPerToken: 3)
    }

    private func setup(
        _ policy: ServingPolicy.Name, prefill: Int = 0, capacity: Int, host tokens: Int,
        budget: Int = 8192
    ) -> ClusterSetup {
        var setup = cluster(policy, prefill: prefill, capacity: capacity)
        setup.host = host(tokens)
        setup.tokenBudget = budget
        return setup
    }

    /// Ten tokens of history that 25 others push out, and a return with three more.
    private let pushedOut: [Script] = [
        (0, [(10, 1, 100_000), (3, 1, 0)]), (20_000, [(25, 1, 0)]),
    ]

    @Test("an evicted history is copied back and need not be computed again")
    func comesBack() {
        let result = run(
            setup(.colocatedV0, capacity: 30, host: 10), table(pushedOut))
        // Ten tokens take 6,000; then one of the answer and three new ones are computed.
        #expect(
            result.timeline == [
                Instants(0, 0, 10_000, 10_000, 10_000),
                Instants(110_000, 116_000, 120_000, 120_000, 120_000),
                Instants(20_000, 20_000, 45_000, 45_000, 45_000),
            ])
        #expect(result.loadedTokens == 10)
        #expect(result.recomputedTokens == 0)
        #expect(result.evictions == 1)
    }

    @Test("what does not fit into host memory is lost")
    func tooSmall() {
        let result = run(setup(.colocatedV1, capacity: 30, host: 9), table(pushedOut))
        #expect(result.timeline[1] == Instants(110_000, 110_000, 124_000, 124_000, 124_000))
        #expect(result.loadedTokens == 0)
    }

    @Test("a prefill worker waits until the history is back")
    func remote() {
        let result = run(setup(.alwaysRemote, prefill: 1, capacity: 30, host: 10), table(pushedOut))
        // A's first token came at 12,630. Back at 118,630, ten tokens travel in 2,030, four are
        // computed, and sent in 2,012.
        #expect(result.timeline[1] == Instants(112_630, 120_660, 124_660, 127_272, 127_272))
    }

    @Test("copies follow one another, and whoever is complete is computed first")
    func oneAfterTheOther() {
        let result = run(
            setup(.colocatedV1, capacity: 40, host: 40),
            table(
                (0, [(10, 1, 100_000), (1, 1, 0)]), (10_000, [(10, 1, 90_000), (1, 1, 0)]),
                (30_000, [(35, 1, 0)]), (110_000, [(4, 1, 0)])))
        // A and B come back at 110,000 and copy until 116,000 and 122,000; C is computed meanwhile.
        #expect(
            result.timeline == [
                Instants(0, 0, 10_000, 10_000, 10_000),
                Instants(110_000, 116_000, 118_000, 118_000, 118_000),
                Instants(10_000, 10_000, 20_000, 20_000, 20_000),
                Instants(110_000, 122_000, 124_000, 124_000, 124_000),
                Instants(30_000, 30_000, 65_000, 65_000, 65_000),
                Instants(110_000, 110_000, 114_000, 114_000, 114_000),
            ])
        #expect(result.evictions == 2)
    }

    @Test("the history that was evicted first leaves host memory first")
    func leastRecentlyEvicted() {
        let result = run(
            setup(.colocatedV1, capacity: 40, host: 19),
            table(
                (0, [(10, 1, 100_000), (1, 1, 0)]), (10_000, [(10, 1, 190_000), (1, 1, 0)]),
                (30_000, [(35, 1, 0)])))
        #expect(result.timeline[1] == Instants(110_000, 110_000, 122_000, 122_000, 122_000))
        #expect(result.timeline[3] == Instants(210_000, 216_000, 218_000, 218_000, 218_000))
    }

    /// In blocks of 4, six of them.
    private func sharingSetup(
        _ policy: ServingPolicy.Name = .colocatedV0, host tokens: Int
    ) -> ClusterSetup {
        var setup = cluster(policy, prefill: 0, capacity: 24, blockSize: 4)
        setup.host = host(tokens)
        return setup
    }

    @Test("a shared segment that was evicted is copied back for whoever comes, as often as it goes")
    func segment() {
        // Eight tokens are shared. Twice somebody takes all six blocks, twice they take 5,400.
        let result = run(
            sharingSetup(host: 8),
            sharing(
                [
                    (0, [(10, 1, 0)]), (20_000, [(21, 1, 0)]), (50_000, [(10, 1, 0)]),
                    (70_000, [(21, 1, 0)]), (100_000, [(11, 1, 0)]),
                ], except: [1, 3]))
        #expect(result.timeline[2] == Instants(50_000, 55_400, 57_400, 57_400, 57_400))
        #expect(result.timeline[4] == Instants(100_000, 105_400, 108_400, 108_400, 108_400))
        #expect(result.loadedTokens == 16)
        // Segments are nobody's loss.
        #expect(result.evictions == 0)
    }

    @Test("histories and shared segments leave host memory in the order in which they came")
    func oneOrder() {
        // Two blocks of host memory. The segment goes there at 20,000, and at 60,000 the history of
        // five tokens takes its place.
        let scripts: [Script] = [
            (0, [(10, 1, 0)]), (20_000, [(21, 1, 0)]), (50_000, [(5, 1, 90_000), (1, 1, 0)]),
            (60_000, [(21, 1, 0)]), (90_000, [(10, 1, 0)]),
        ]
        let result = run(sharingSetup(host: 8), sharing(scripts, except: [1, 2, 3]))
        let rounds = result.rounds.sorted { ($0.session, $0.round) < ($1.session, $1.round) }
        // The third session's second round is back at 145,000: five tokens of seven are copied.
        #expect(rounds[3].prefillEnded - rounds[3].prefillStarted == 2000)
        // The shared beginning is computed again at 90,000.
        #expect(rounds[5].prefillEnded - rounds[5].prefillStarted == 10_000)
        #expect(result.loadedTokens == 5)
    }

    /// A conversation of 8 shared tokens, two more, and three in a second round, and another one.
    private func returning(after tokens: Int) -> SessionTable {
        sharing([(0, [(10, 1, 100_000), (3, 1, 0)]), (20_000, [(tokens, 1, 0)])], except: [1])
    }

    @Test("a history is copied as far as the GPUs do not have it in shared segments")
    func behindSegment() {
        // Four blocks: the session's own goes, two tokens.
        let own = run(sharingSetup(host: 24), returning(after: 13))
        #expect(own.timeline[1] == Instants(110_000, 113_600, 117_600, 117_600, 117_600))
        // Six blocks: the segment goes too, ten tokens are copied.
        let both = run(sharingSetup(host: 24), returning(after: 21))
        #expect(both.timeline[1] == Instants(110_000, 116_000, 120_000, 120_000, 120_000))
        // Host memory for the segment alone, which came later.
        let segment = run(sharingSetup(host: 8), returning(after: 21))
        #expect(segment.timeline[1] == Instants(110_000, 115_400, 121_400, 121_400, 121_400))
    }

    @Test("a pinned history stays, and the segment before it is copied back")
    func pinnedBehindSegment() {
        // Five blocks, of which three are free and two are the segment's.
        let result = run(sharingSetup(.continuumCode, host: 24), returning(after: 20))
        #expect(result.loadedTokens == 8)
        #expect(result.timeline[1] == Instants(110_000, 115_400, 119_400, 119_400, 119_400))
    }

    @Test("InferCept keeps a history until its memory times the time so far is worth more")
    func discards() {
        var without = setup(.infercept, capacity: 1000, host: 0)
        without.host = nil
        let result = run(
            without, table((0, [(10, 1, 30_000), (3, 1, 0)]), (0, [(2, 90, 0)])))
        // One step computes both prompts until 12,000; A is called then. Keeping wastes 10 per ns.
        // Computing anew takes 10,000 ns x 10/2 = 50,000, and 10,000 ns x the batch's context, which
        // is 3 + k after k steps of 600. 6,000 k > 50,000 + 10,000 (3 + k) never holds, since a
        // chunk holds the whole history and others' memory grows faster.
        #expect(result.evictions == 0)
        #expect(result.timeline[1] == Instants(42_000, 42_000, 46_600, 46_600, 46_600))
    }

    @Test("InferCept gives up what few others would have to wait for")
    func discardsAlone() {
        var without = setup(.infercept, capacity: 1000, host: 0)
        without.host = nil
        // B decodes only 30 tokens after its prompt of 1 and comes at 100,000: A has been away for
        // 90,000 then, which wastes 900,000. Anew: 50,000 + 10,000 x 2.
        let result = run(
            without, table((0, [(10, 1, 200_000), (3, 1, 0)]), (100_000, [(1, 30, 0)])))
        #expect(result.evictions == 1)
        #expect(
            result.timeline == [
                Instants(0, 0, 10_000, 10_000, 10_000),
                Instants(210_000, 210_000, 224_000, 224_000, 224_000),
                Instants(100_000, 100_000, 101_000, 101_000, 118_400),
            ])
    }

    @Test("InferCept swaps out what a step hides, and copies it back")
    func swapsOut() {
        // Both prompts until 12,000, a step of 700 for A's second token. That hides two tokens of 300
        // each, and so does every step of 600 after it: A's eleven are in host memory at 15,700. They
        // come back from 112,700 to 119,000; the next step of B begins at 119,500.
        let result = run(
            setup(.infercept, capacity: 1000, host: 100),
            table((0, [(10, 2, 100_000), (3, 1, 0)]), (0, [(2, 200, 0)])))
        #expect(result.loadedTokens == 11)
        #expect(result.evictions == 1)
        #expect(result.timeline[1] == Instants(112_700, 119_500, 124_100, 124_100, 124_100))
    }

    @Test("who comes back before the last token has moved has lost nothing")
    func backInTime() {
        let result = run(
            setup(.infercept, capacity: 1000, host: 100),
            table((0, [(10, 2, 2500), (3, 1, 0)]), (0, [(2, 200, 0)])))
        #expect(result.loadedTokens == 0)
        #expect(result.timeline[1] == Instants(15_200, 15_700, 20_300, 20_300, 20_300))
    }
}
