import CostModeling
import Scheduling
import ServingDomain
import Simulation
import Testing

/// Who goes to which co-located worker, told from when prompts begin: every prompt runs alone, in
/// order of arrival, and takes 1,000 ns per token.
@Suite("Timelines of dispatch among workers")
struct DispatchTimelineTests {
    private func setup(_ dispatch: Dispatch, capacities: [Int]) -> ClusterSetup {
        var setup = cluster(.colocatedV0, prefill: 0)
        setup.decode = .workers(
            capacities.map { .init(costs: plainWorker, capacity: Tokens($0)) })
        setup.policy.dispatch = dispatch
        setup.tokenBudget = 1
        return setup
    }

    /// When sessions of one round and one output token begin; session k arrives at k.
    private func starts(
        _ dispatch: Dispatch, capacities: [Int], prompts: [Int]
    ) -> [Int64] {
        let scripts = prompts.enumerated().map { Script(Int64($0), [($1, 1, 0)]) }
        return run(setup(dispatch, capacities: capacities), table(scripts)).timeline.map(\.started)
    }

    @Test("round robin takes workers in turn, and passes over those that are too small")
    func roundRobin() {
        #expect(
            starts(
                .roundRobin, capacities: [9_999, 9_999, 9_999],
                prompts: [100, 200, 400, 800, 1_600, 1]) == [0, 1, 2, 100_000, 200_001, 400_002])
        // The second one is passed over and comes next.
        #expect(
            starts(.roundRobin, capacities: [30_000, 10_000], prompts: [12_000, 12_000, 100])
                == [0, 12_000_000, 2])
    }

    @Test("weighted round robin gives three of four to the worker with three times the memory")
    func weighted() {
        #expect(
            starts(
                .weightedRoundRobin, capacities: [30_000, 10_000],
                prompts: [100, 200, 400, 800, 1_600]) == [0, 100_000, 2, 300_000, 1_100_000])
        // A session that only the first can hold changes nobody's turn.
        #expect(
            starts(
                .weightedRoundRobin, capacities: [30_000, 10_000],
                prompts: [100, 12_000, 200, 400]) == [0, 100_000, 12_100_000, 3])
    }

    @Test("least loaded counts rounds that were released and have not ended")
    func leastLoaded() {
        let seen = run(
            setup(.leastLoaded, capacities: [9_999, 9_999]),
            table(
                (0, [(100, 1, 0)]), (1, [(400, 1, 0)]), (150_000, [(200, 1, 0)]),
                (150_001, [(50, 1, 0)]), (150_002, [(10, 1, 0)])))
        // At 150,000 the first worker is free again; then both serve one, then two and one.
        #expect(seen.timeline.map(\.started) == [0, 1, 150_000, 350_000, 400_001])
    }

    @Test("a sticky session stays where its history is, a round that is dispatched anew may not")
    func sticky() {
        let sessions = table(
            (0, [(100, 1, 1_000), (5, 1, 0)]), (1, [(300, 1, 0)]), (100_500, [(500, 1, 0)]),
            (100_600, [(10, 1, 0)]))
        func seen(_ dispatch: Dispatch) -> [Instants] {
            run(setup(dispatch, capacities: [9_999, 9_999]), sessions).timeline
        }
        // At 101,000 the first worker has two rounds and the second one. At home six tokens are
        // left to compute, elsewhere all 106.
        #expect(
            seen(.sessionSticky)[1] == Instants(101_000, 610_500, 616_500, 616_500, 616_500))
        #expect(seen(.leastLoaded)[1] == Instants(101_000, 300_001, 406_001, 406_001, 406_001))
    }

    @Test("least used memory counts the blocks that the sessions of a worker count on")
    func leastUsedMemory() {
        // 850 and 900 are left, 850 and 800, 790 and 800.
        #expect(
            starts(
                .leastUsedMemory, capacities: [1_000, 900], prompts: [150, 100, 60, 20])
                == [0, 1, 150_000, 100_001])
    }

    @Test("random dispatch uses every worker, the same one in every run, and none too small")
    func random() {
        let prompts = Array(repeating: 100, count: 40)
        let once = starts(.random, capacities: [9_999, 9_999], prompts: prompts)
        #expect(once == starts(.random, capacities: [9_999, 9_999], prompts: prompts))
        // 40 fair draws give one worker between 8 and 32 but for one time in ten thousand.
        let onFirst = once.count { $0 % 100_000 == once[0] }
        #expect(onFirst > 8 && onFirst < 32, "\(onFirst) of 40")
        let large = starts(.random, capacities: [30_000, 99], prompts: prompts)
        #expect(large == (0..<40).map { $0 * 100_000 })
    }
}
