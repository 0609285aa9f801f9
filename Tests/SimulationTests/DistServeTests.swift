import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Simulation
import Testing

/// Times worked out by hand, in nanoseconds: a prompt takes 1,000 per token, a decode step 500 and
/// 100 per sequence, and KV cache travels at once.
@Suite("Policy distserve: dispatch, batches and turns under a token cap")
struct DistServeTests {
    private func setup(
        prefill: Int = 1, maxBatch: Int? = nil, cap: Int? = nil
    ) -> ClusterSetup {
        var policy = ServingPolicy(name: .distserve)
        policy[.prefillMaxBatch] = Double(maxBatch ?? 0)
        policy[.decodeTokenCap] = Double(cap ?? 0)
        return ClusterSetup(
            prefill: .workers(Array(repeating: plainWorker, count: prefill)),
            decode: .workers([.init(costs: plainWorker, capacity: .unlimited)]),
            transfer: TransferCosts(fixed: .zero),
            policy: policy,
            service: ServiceLevel(ttft: .milliseconds(1), itl: .microseconds(10)))
    }

    private func rounds(_ setup: ClusterSetup, _ scripts: Script...) -> [RoundOutcome] {
        run(setup, table(scripts)).rounds.sorted { $0.session < $1.session }
    }

    @Test("the first token comes from the prefill, and the answer takes one step less")
    func firstToken() {
        let round = rounds(setup(), (0, [(10, 3, 0)]))[0]
        #expect(round.ttft == 10_000)
        #expect(round.decodeTime == 2 * 600)
    }

    @Test("a round goes where the fewest requests are, the lowest index at a tie")
    func dispatch() {
        let rounds = rounds(
            setup(prefill: 2), (0, [(100, 1, 0)]), (10, [(1, 1, 0)]), (20, [(1, 1, 0)]),
            (2_000, [(1, 1, 0)]))
        // The third finds one request on each, the fourth two on the first and none on the second.
        #expect(rounds.map(\.prefillWorker) == [0, 1, 0, 1])
        #expect(rounds[2].prefillStarted == 100_000)
    }

    @Test("a free worker takes all that wait, or as many as it may", arguments: [nil, 1, 2])
    func batch(most: Int?) {
        let rounds = rounds(
            setup(maxBatch: most), (0, [(10, 1, 0)]), (1_000, [(5, 1, 0)]), (2_000, [(5, 1, 0)]))
        #expect(rounds[1].prefillStarted == 10_000)
        #expect(rounds[2].prefillStarted == (most == 1 ? 15_000 : 10_000))
        #expect(rounds.map(\.prefillEnded).max() == 20_000)
    }

    @Test("sequences beyond the cap stand aside and come first in the next step")
    func turns() {
        let result = run(
            setup(cap: 22), table((0, [(10, 3, 0)]), (0, [(10, 3, 0)]), (0, [(10, 3, 0)])))
        let finishes = result.rounds.sorted { $0.session < $1.session }
            .map { $0.released + $0.ttft + $0.decodeTime }
        // From 30,000: A and B (11 each) to 30,700. C (11) alone, since A with 12 makes 23, to
        // 31,300. A, B and C alone in turn, since two of them make 24: 31,900, 32,500, 33,100.
        #expect(finishes == [31_900, 32_500, 33_100])
        #expect(result.gaps.count == 6)
        // B waits longest, from 30,700 to 32,500.
        let longest: Double = 1_800
        #expect(result.gaps.max == longest)
    }

    @Test("who comes during a step stands before who was in it")
    func newcomersFirst() {
        let rounds = rounds(setup(maxBatch: 1, cap: 20), (0, [(10, 8, 0)]), (0, [(1, 10, 0)]))
        // A decodes from 10,000, with B from 11,200. At 13,300 B (5) stands before A (16): B to
        // 13,900, A to 14,500, B to 15,100, A ends at 15,700, and B's last four steps end at 18,100.
        #expect(rounds[0].decodeTime == 15_700 - 10_000)
        #expect(rounds[1].decodeTime == 18_100 - 11_000)
    }

    @Test("a context beyond the cap decodes alone instead of waiting for ever")
    func longContext() {
        let rounds = rounds(setup(cap: 5), (0, [(10, 3, 0)]), (0, [(10, 3, 0)]))
        #expect(rounds.map(\.decodeTime) == [1_800, 2_400])
    }

    @Test("a cap that does not bind changes nothing", arguments: 0..<20)
    func looseCap(seed: Int) {
        var scenario = Scenario(seed: UInt64(seed), policy: .distserve, load: .of(seed))
        scenario.setup.decodeTokenCap = nil
        scenario.setup.formsStepsAhead = false
        scenario.setup.maxSequences = 256
        let free = run(scenario.setup, scenario.sessions)
        scenario.setup.decodeTokenCap = 1_000_000
        let capped = run(scenario.setup, scenario.sessions)
        guard free.preemptions == 0 else { return }
        #expect(free.rounds == capped.rounds)
    }
}
