import Scheduling
import ServingDomain
import Testing

@testable import Simulation

/// Prompts that wait while others decode, every instant worked out by hand; figures as in
/// `ClusterTimelineTests`: prefill 1,000 ns per token, a step 500 ns plus 100 ns per sequence.
@Suite("Timelines of prompts that wait")
struct PromptGateTimelineTests {
    /// Sessions go to two ranks in turn.
    private var ranks: ClusterSetup {
        var setup = cluster(.colocatedV1, prefill: 0, decode: 2)
        setup.policy.dispatch = .roundRobin
        setup.dataParallelRanks = 2
        return setup
    }

    /// A and B begin together and decode in steps of 600 from 5,000, C comes to A's rank at 5,700 and D to
    /// B's at 7,000.
    private func balanced(_ patience: Int, gathering: Int = 0) -> [Instants] {
        var setup = ranks
        setup.promptBalance = PromptBalance(patience: patience, gathering: gathering)
        return run(
            setup,
            table(
                (0, [(5, 30, 0)]), (0, [(1, 30, 0)]), (5700, [(4, 1, 0)]), (7000, [(2, 1, 0)]))
        ).timeline
    }

    @Test("a prompt waits until every rank has one, or for so many steps")
    func balance() {
        // Both at once from 7,400, when D has come: A's step and C, 600 + 4,000, hide B's and D.
        #expect(
            balanced(100)[2...] == [
                Instants(5700, 7400, 12_000, 12_000, 12_000),
                Instants(7000, 7400, 12_000, 12_000, 12_000),
            ])
        // The steps from 5,000, 5,600 and 6,200 are three without a prompt on every rank, so that C
        // begins with the fourth, from 6,800; D comes during that step, waits for three more of 600 and
        // takes 600 + 2,000 in the fourth.
        #expect(
            balanced(4)[2...] == [
                Instants(5700, 6800, 11_400, 11_400, 11_400),
                Instants(7000, 13_200, 15_800, 15_800, 15_800),
            ])
        // Patience for one step is none.
        #expect(balanced(1)[2...].map(\.started) == [6200, 10_800])
    }

    @Test("prompts that all ranks have wait for more")
    func gathering() {
        #expect(balanced(100, gathering: 1)[2...].map(\.started) == [8000, 8000])
        #expect(balanced(100, gathering: 3)[2...].map(\.started) == [9200, 9200])
    }

    @Test("prompts wait for nobody where a rank has nothing to decode")
    func unbalanced() {
        var setup = ranks
        let scripts = table((0, [(5, 4, 0)]), (5700, [(4, 3, 0)]))
        let usual = run(setup, scripts).timeline
        setup.promptBalance = PromptBalance(patience: 100, gathering: 10)
        #expect(run(setup, scripts).timeline == usual)
    }

    /// A decodes in steps of 600 from 5,000, C comes at 5,700, and D with so many tokens at 7,000.
    ///
    /// Steps have room for 16 tokens.
    private func pooled(_ steps: Int, share: Double, last: Int) -> [Instants] {
        var setup = cluster(.colocatedV1, prefill: 0, decode: 1)
        setup.tokenBudget = 16
        setup.promptPooling = PromptPooling(steps: steps, share: share)
        return run(
            setup, table((0, [(5, 30, 0)]), (5700, [(4, 1, 0)]), (7000, [(last, 1, 0)]))
        ).timeline
    }

    @Test("prompts wait for so many steps, or for tokens enough")
    func pooling() {
        // C waits in the steps from 6,200, 6,800 and 7,400, with D's two tokens and one for A's
        // sequence 7 of 8; both take 600 + 6,000 from 8,000.
        #expect(
            pooled(3, share: 0.5, last: 2)[1...] == [
                Instants(5700, 8000, 14_600, 14_600, 14_600),
                Instants(7000, 8000, 14_600, 14_600, 14_600),
            ])
        // With three tokens they are 8 when D has come.
        #expect(pooled(3, share: 0.5, last: 3)[1...].map(\.started) == [7400, 7400])
        // C's 4 and A's sequence are enough by themselves; D comes during that step.
        #expect(pooled(3, share: 0.25, last: 2)[1...].map(\.started) == [6200, 10_800 + 3 * 600])
    }

    @Test("a prompt waits for nothing on a worker that decodes nothing")
    func alone() {
        var setup = cluster(.colocatedV1, prefill: 0, decode: 1)
        setup.promptPooling = PromptPooling(steps: 100, share: 1)
        let result = run(setup, table((0, [(5, 1, 0)]), (2000, [(4, 1, 0)])))
        #expect(result.timeline.map(\.started) == [0, 5000])
    }

    @Test(
        "who comes while a worker decodes waits until it looks, and after a prompt it looks again")
    func receiving() {
        var setup = cluster(.colocatedV1, prefill: 0, decode: 1)
        setup.receiveInterval = 5
        // A's prompt ends at 5,000, when somebody looks. C comes in the second of five steps of 600, which
        // end at 8,000; D while C is computed, so that it begins behind it, at 12,600.
        let scripts = table((0, [(5, 30, 0)]), (5700, [(4, 1, 0)]), (9000, [(2, 1, 0)]))
        #expect(run(setup, scripts).timeline.map(\.started) == [0, 8000, 12_600])
        setup.receiveInterval = 1
        #expect(run(setup, scripts).timeline.map(\.started) == [0, 6200, 10_800])
        setup.receiveInterval = 1000
        // Nobody decodes after A's last token.
        let last = run(setup, scripts).timeline
        #expect(last[1].started == last[0].last && last[2].started == last[0].last)
    }
}
