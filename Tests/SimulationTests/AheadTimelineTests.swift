import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Simulation
import Testing

/// Steps that are formed while the one before them runs, every instant worked out by hand; figures
/// as in `ClusterTimelineTests`: prefill 1,000 ns per token, a step 500 ns plus 100 ns per sequence.
@Suite("Timelines of asynchronous scheduling")
struct AheadTimelineTests {
    private func ahead(_ policy: ServingPolicy.Name, prefill: Int = 0) -> ClusterSetup {
        var setup = cluster(policy, prefill: prefill)
        setup.formsStepsAhead = true
        return setup
    }

    @Test("a prompt that comes during a step is in the step after the next")
    func prompt() {
        // A is computed until 5,000 and decodes in steps of 600. B comes at 5,700, in the second of
        // them, which ends at 6,200. The third was formed at 5,600; B's prompt follows at 6,800.
        let result = run(
            ahead(.colocatedV0), table((0, [(5, 11, 0)]), (5700, [(4, 1, 0)])))
        #expect(
            result.timeline == [
                Instants(0, 0, 5000, 5000, 15_000), Instants(5700, 6800, 10_800, 10_800, 10_800),
            ])
    }

    @Test("who comes when a step begins is in the next one")
    func atTheBoundary() {
        let result = run(
            ahead(.colocatedV0), table((0, [(5, 11, 0)]), (5600, [(4, 1, 0)])))
        #expect(result.timeline[1] == Instants(5600, 6200, 10_200, 10_200, 10_200))
    }

    @Test("a prompt that comes during a prompt waits for one more step")
    func behindPrompt() {
        // B comes while A's prompt is computed. A has one token, and decodes once before B.
        let result = run(
            ahead(.colocatedV0), table((0, [(5, 3, 0)]), (2000, [(4, 1, 0)])))
        #expect(
            result.timeline == [
                Instants(0, 0, 5000, 5000, 10_200), Instants(2000, 5600, 9600, 9600, 9600),
            ])
    }

    @Test("with nothing else to do nobody waits")
    func idle() {
        let result = run(
            ahead(.colocatedV0), table((0, [(5, 1, 0)]), (2000, [(4, 1, 0)])))
        #expect(result.timeline[1] == Instants(2000, 5000, 9000, 9000, 9000))
    }

    @Test("who comes to an idle worker is in its next step, beside those who waited for memory")
    func idleForLackOfMemory() {
        var setup = cluster(.alwaysLocalAfterFirst, prefill: 2, capacity: 26)
        setup.formsStepsAhead = true
        setup.localPrefill = .chunked
        setup.firstTokenSite = .prefillShipped
        // B's history of 5 and the prompts of A and C, on their way from 30,000 to 32,060, leave
        // one block: B's second prompt waits. A ends as it arrives, and C joins in that instant: one
        // step for its second token and B's four, 600 + 4,000.
        let result = run(
            setup,
            table(
                (0, [(5, 1, 20_000), (3, 1, 0)]), (20_000, [(10, 1, 0)]), (20_000, [(10, 3, 0)])))
        #expect(
            result.timeline == [
                Instants(0, 0, 5000, 7015, 7015),
                Instants(27_015, 32_060, 36_660, 36_660, 36_660),
                Instants(20_000, 20_000, 30_000, 32_060, 32_060),
                Instants(20_000, 20_000, 30_000, 32_060, 37_260),
            ])
    }

    @Test("a sequence from a prefill worker joins one step later")
    func remote() {
        // A: prefilled until 5,000, its four tokens of KV travel in 2,000 + 15; steps of 600 from
        // 7,015. B's prompt takes 5,000 to 8,000 and arrives at 10,009; A's steps end at 10,015 and
        // 10,615.
        let result = run(
            ahead(.alwaysRemote, prefill: 1), table((0, [(5, 20, 0)]), (0, [(3, 2, 0)])))
        #expect(
            result.timeline == [
                Instants(0, 0, 5000, 7615, 19_215), Instants(0, 5000, 8000, 11_315, 12_015),
            ])
    }
}
