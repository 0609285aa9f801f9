import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Simulation
import Testing

/// Prompts that prefill workers keep, every instant worked out by hand; figures as in
/// `ClusterTimelineTests`: prefill 1,000 ns per token, transfers 2,000 ns and 3 ns per token.
@Suite("Timelines of caches on prefill workers")
struct PrefillCacheTimelineTests {
    private func setup(
        prefill: Int = 1, memory: Int? = nil, blockSize: Int = 1
    ) -> ClusterSetup {
        var setup = cluster(.alwaysRemote, prefill: prefill, blockSize: blockSize)
        setup.historySource = .prefillCache
        setup.firstTokenSite = .prefillDirect
        if let memory { setup.prefillMemory = Array(repeating: Tokens(memory), count: prefill) }
        return setup
    }

    private func computed(_ result: SimulationResult) -> [Int64] {
        result.timeline.map { $0.computed - $0.started }
    }

    @Test("the answer and the new tokens are computed, the earlier prompt is not")
    func answerIsMissing() {
        // Round 0: 10 tokens, an answer of 4. Round 1 has 10 + 4 + 3 tokens, of which ten are there.
        let result = run(setup(), table((0, [(10, 4, 50_000), (3, 1, 0)])))
        // Ten tokens arrive at 12,030, three steps of 600 follow; nothing is read before round 1.
        #expect(
            result.timeline == [
                Instants(0, 0, 10_000, 10_000, 13_830),
                Instants(63_830, 63_830, 70_830, 70_830, 70_830),
            ])
        // Sent were ten tokens, then the four that the serving worker had not: 17 - 13.
        #expect(result.transferTime.max == 2030)
        #expect(result.transferTime.min == 2012)
    }

    @Test("whole blocks are kept")
    func blocks() {
        let result = run(
            setup(blockSize: 4), table((0, [(10, 4, 50_000), (3, 1, 0)])))
        #expect(computed(result) == [10_000, 9000])
    }

    @Test("without room for both the prompt that was used longest ago is forgotten")
    func leastRecentlyUsed() {
        let result = run(
            setup(memory: 25),
            table(
                (0, [(10, 1, 100_000), (1, 1, 0)]), (20_000, [(12, 1, 100_000), (1, 1, 0)]),
                (50_000, [(8, 1, 0)])))
        // The third prompt pushes the first out, and is gone with its session: 10 + 1 + 1 tokens are
        // computed anew, and have room beside the second's twelve.
        #expect(computed(result) == [10_000, 12_000, 12_000, 2000, 8000])
    }

    @Test("a prompt that is larger than the memory is not kept, and pushes nobody out")
    func tooLarge() {
        let result = run(
            setup(memory: 15),
            table((0, [(10, 1, 100_000), (1, 1, 0)]), (20_000, [(16, 1, 100_000), (1, 1, 0)])))
        #expect(computed(result) == [10_000, 2000, 16_000, 18_000])
    }

    @Test("a segment that prompts share is kept once, for everybody")
    func sharedSegment() {
        let sessions = sharing([
            (0, [(10, 1, 0)]), (20_000, [(12, 1, 0)]), (40_000, [(8, 1, 0)]),
        ])
        // The serving worker has no such cache; the third prompt is the segment, of which one block
        // at least is computed.
        #expect(computed(run(setup(blockSize: 4), sessions)) == [10_000, 4000, 8000])
        var without = setup(blockSize: 4)
        without.prefixCaching = false
        #expect(computed(run(without, sessions)) == [10_000, 12_000, 8000])
    }

    @Test("a segment takes its blocks once, and is forgotten after what comes behind it")
    func segmentMemory() {
        // Two conversations of 8 shared tokens and 4 of their own fill 16 tokens; with 4 more of
        // somebody else the first one's own go, and its beginning stays.
        let scripts: [Script] = [
            (0, [(12, 1, 100_000), (1, 1, 0)]), (20_000, [(12, 1, 100_000), (1, 1, 0)]),
            (40_000, [(4, 1, 0)]),
        ]
        let sessions = sharing(scripts, except: [2])
        // Fourteen tokens in the second rounds: 12 are there, or 8.
        #expect(
            computed(run(setup(memory: 20, blockSize: 4), sessions))
                == [12_000, 2000, 4000, 2000, 4000])
        #expect(
            computed(run(setup(memory: 16, blockSize: 4), sessions))
                == [12_000, 6000, 4000, 2000, 4000])
    }

    @Test("of two prefill workers the one that has the prompt is cheaper")
    func routing() {
        // B keeps the first worker busy while A comes back; the second knows nothing of A.
        let sessions = table(
            (0, [(30, 1, 10_000), (1, 1, 0)]), (38_000, [(20, 1, 0)]))
        let result = run(setup(prefill: 2), sessions)
        // B goes to the first worker, idle like the second, from 38,000 to 58,000. A is back at
        // 42,090: there it takes 15,910 and 2,000, on the second worker 32,000.
        #expect(result.rounds.filter { $0.session == 0 }.map(\.prefillWorker) == [0, 0])
        #expect(computed(result) == [30_000, 2000, 20_000])
    }
}
