import ServingDomain
import Simulation
import Testing

@testable import Scheduling

@Suite("Timelines of rounds that a table or a threshold routes")
struct PolicyTableTimelineTests {
    /// The second round has a history of 102 tokens, 51 to prefill and one to generate: a small
    /// context and a medium paste.
    private func secondRound(_ entries: (rate: Double, localTTFT: Double)...) -> RoundOutcome? {
        var setup = cluster(.ppd)
        setup.policy.window = .seconds(1)
        setup.policy.table = PolicyTable(
            layout: "P:1x1,D:1x1", source: "by hand",
            entries: entries.map {
                .init(
                    context: .small, shape: .mediumPaste, rate: $0.rate,
                    remote: .init(ttft: 100, tpot: 10), local: .init(ttft: $0.localTTFT, tpot: 10))
            })
        let rounds = run(setup, table((0, [(100, 3, 1_000_000), (50, 1, 0)]))).rounds
        #expect(rounds.first?.isLocal == false)
        #expect(rounds.first?.ttft == Int64(100_000 + 2_300 + 600))
        return rounds.last
    }

    @Test("a round whose class the table lacks is local")
    func missing() {
        #expect(secondRound()?.ttft == Int64(51_000))
    }

    @Test("a round whose class is better off remote is prefilled there")
    func remote() {
        #expect(secondRound((1, 200))?.ttft == Int64(2_306 + 51_000 + 2_153 + 600))
        #expect(secondRound((1, 99))?.ttft == Int64(51_000))
    }

    @Test("the rate is that of the rounds released in the window, this one included")
    func rate() {
        // Two releases in a second: 2 is nearer to 2.9 than to 1.
        #expect(secondRound((1, 99), (2.9, 200))?.isLocal == false)
        #expect(secondRound((1, 99), (3.1, 200))?.isLocal == true)
    }

    @Test("a round counts on its own prompt where its serving worker must not be too full")
    func ownPrompt() {
        var setup = cluster(.dynamoConditionalV1, capacity: 100)
        func secondIsLocal(_ newTokens: Int) -> Bool? {
            run(setup, table((0, [(30, 1, 1_000), (newTokens, 1, 0)]))).rounds.last?.isLocal
        }
        // The history is 30 tokens of 100, the prompt 50 or 51.
        for knob in PolicyDefinition.dynamoConditionalV1.knobs where knob.key == "decode_busy_share"
        {
            setup.policy[knob] = 0.5
        }
        #expect(secondIsLocal(19) == true)
        #expect(secondIsLocal(20) == false)
    }
}
