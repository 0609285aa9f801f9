import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Testing

@testable import Simulation

/// Data-parallel ranks that step together, every instant worked out by hand; figures as in
/// `ClusterTimelineTests`: prefill 1,000 ns per token, a step 500 ns plus 100 ns per sequence.
@Suite("Timelines of data-parallel ranks")
struct RanksTimelineTests {
    /// Sessions go to the ranks in turn.
    private func ranks(
        _ policy: ServingPolicy.Name, prefill: Int = 0, workers: Int = 2
    ) -> ClusterSetup {
        var setup = cluster(policy, prefill: prefill, decode: workers)
        setup.policy.dispatch = .roundRobin
        setup.dataParallelRanks = 2
        return setup
    }

    @Test("a prompt on one rank waits for the step of the other and makes its next one longer")
    func prompt() {
        // A decodes on the first rank in steps of 600 from 5,000. B comes to the second one at
        // 5,700, starts with the engine's next step at 6,200, and takes it to 10,200; A's third
        // token of eleven comes at 6,200, its fourth at 10,200, seven more in 4,200.
        let result = run(
            ranks(.colocatedV0), table((0, [(5, 11, 0)]), (5700, [(4, 1, 0)])))
        #expect(
            result.timeline == [
                Instants(0, 0, 5000, 5000, 14_400), Instants(5700, 6200, 10_200, 10_200, 10_200),
            ])
    }

    @Test("prompts and steps end with the longest of all ranks")
    func longest() {
        // A and C are four tokens on the first rank, B is one on the second. Then two sequences
        // decode beside one: steps of 700 for all.
        let result = run(
            ranks(.colocatedV0),
            table((0, [(2, 3, 0)]), (0, [(1, 5, 0)]), (0, [(2, 3, 0)])))
        #expect(
            result.timeline == [
                Instants(0, 0, 4000, 4000, 5400), Instants(0, 0, 4000, 4000, 6600),
                Instants(0, 0, 4000, 4000, 5400),
            ])
    }

    @Test("engines do not wait for each other, and an engine at rest begins at once")
    func engines() {
        // The third session goes to the second engine, whose ranks are free.
        let result = run(
            ranks(.colocatedV0, workers: 4),
            table((0, [(5, 11, 0)]), (0, [(1, 1, 0)]), (5700, [(4, 1, 0)])))
        #expect(
            result.timeline == [
                Instants(0, 0, 5000, 5000, 11_000), Instants(0, 0, 5000, 5000, 5000),
                Instants(5700, 5700, 9700, 9700, 9700),
            ])
    }

    @Test("chunks of one rank and the batch of the other make one step")
    func mixed() {
        // Without decoding beside it B's prompt takes 4,000; the first rank's step of 600 is hidden.
        let result = run(
            ranks(.colocatedV1), table((0, [(5, 4, 0)]), (5700, [(4, 3, 0)])))
        #expect(
            result.timeline == [
                Instants(0, 0, 5000, 5000, 10_200), Instants(5700, 6200, 10_200, 10_200, 11_400),
            ])
    }

    @Test("a sequence from a prefill worker joins at the engine's next step")
    func remote() {
        // A's KV cache arrives at 5,000 + 2,015, B's at 8,000 + 2,009 on the other rank, during the
        // step that ends at 10,015; from there both step together.
        let result = run(
            ranks(.alwaysRemote, prefill: 1), table((0, [(5, 20, 0)]), (0, [(3, 2, 0)])))
        #expect(
            result.timeline == [
                Instants(0, 0, 5000, 7615, 19_015), Instants(0, 5000, 8000, 10_615, 11_215),
            ])
    }

    /// Of the 1,000 ns of a prompt token ranks compute 400 together, of the 100 ns of a sequence 40.
    private var sharing: WorkerCosts {
        func phase(_ intercept: Double, _ own: Double, _ shared: Double) -> PhaseCosts {
            var costs = PhaseCosts(
                linear: .line(intercept: intercept, slope: own), attention: [],
                fittedTokens: .infinity)
            costs.share(.line(intercept: 0, slope: shared))
            return costs
        }
        return WorkerCosts(degree: .one, prefill: phase(0, 600, 400), decode: phase(500, 60, 40))
    }

    @Test("what ranks compute together takes the tokens of all")
    func shared() {
        // Prompts of 4 and 1 tokens: 4 x 600 of the longer one and 5 x 400 of both, 4,400. Then one
        // sequence on each rank: 500 + 60 + 2 x 40 = 640 a step, twice; A goes on alone in 600.
        var setup = ranks(.colocatedV0)
        setup.decode = .workers(
            Array(repeating: .init(costs: sharing, capacity: Tokens(1_000_000)), count: 2))
        let result = run(setup, table((0, [(4, 5, 0)]), (0, [(1, 3, 0)])))
        #expect(
            result.timeline == [
                Instants(0, 0, 4400, 4400, 6880), Instants(0, 0, 4400, 4400, 5680),
            ])
    }

    @Test("chunks of one rank and the batch of another share what is common")
    func sharedMixed() {
        // A decodes alone from 5,000 in steps of 600. B's four tokens take part from 6,200: 4 x 600
        // of its own hide A's 500 + 60; common are 40 for A's sequence and 4 x 400 more: 4,040.
        var setup = ranks(.colocatedV1)
        setup.decode = .workers(
            Array(repeating: .init(costs: sharing, capacity: Tokens(1_000_000)), count: 2))
        let result = run(setup, table((0, [(5, 4, 0)]), (5700, [(4, 1, 0)])))
        #expect(
            result.timeline == [
                Instants(0, 0, 5000, 5000, 10_240), Instants(5700, 6200, 10_240, 10_240, 10_240),
            ])
    }

    @Test("a prefill worker of two ranks computes two prompts in a step, or more if they may")
    func prefillRanks() {
        // Both transfers take 2,000 + 3 n. The first step holds 5 and 3 tokens, 5 x 600 + 8 x 400 =
        // 6,200; the second 4 tokens alone, to 10,200. The worker's costs are those of `sharing`.
        var setup = ranks(.alwaysRemote, prefill: 1, workers: 2)
        setup.dataParallelRanks = 1
        setup.firstTokenSite = .prefillDirect
        setup.prefill = .workers([sharing])
        setup.prefillRanks = 2
        let scripts = table((0, [(5, 1, 0)]), (0, [(3, 1, 0)]), (0, [(4, 1, 0)]))
        #expect(run(setup, scripts).timeline.map(\.computed) == [6200, 6200, 10_200])
        // With room for two prompts each the ranks get 5 and 4 + 3: 7 x 600 + 12 x 400 = 9,000.
        setup.prefillBatch = .tasks(2)
        #expect(run(setup, scripts).timeline.map(\.computed) == [9000, 9000, 9000])
        setup.prefillBatch = .tasks(.max)
        #expect(run(setup, scripts).timeline.map(\.computed) == [9000, 9000, 9000])
        // Five tokens for each rank are room for 5 + 3, not for the third.
        setup.prefillBatch = .tokens(5)
        #expect(run(setup, scripts).timeline.map(\.computed) == [6200, 6200, 10_200])
    }

    @Test("a rank that goes along is as busy as the others")
    func busy() {
        // One rank of two has work, for 11,000 of 22,000.
        let result = run(
            ranks(.colocatedV0), table((0, [(5, 11, 0)]), (22_000, [(1, 1, 0)])))
        #expect(result.decodeUtilisation == 0.5)
    }
}
