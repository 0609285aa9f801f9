import ServingDomain
import Testing

@testable import Scheduling

@Suite("Local prefill by a table (ppd)")
struct PolicyTableTests {
    private func entry(
        _ context: ContextClass = .small, _ shape: RoundShape = .mediumPaste, rate: Double = 1,
        remote: (Double, Double) = (100, 10), local: (Double, Double)
    ) -> PolicyTable.Entry {
        PolicyTable.Entry(
            context: context, shape: shape, rate: rate,
            remote: .init(ttft: remote.0, tpot: remote.1),
            local: .init(ttft: local.0, tpot: local.1))
    }

    private func route(
        _ entries: [PolicyTable.Entry], number: Int = 1, history: Int = 200, increment: Int = 100,
        output: Int = 20, rate: Double = 1, weights: (Double, Double) = (1, 1)
    ) -> Route {
        var policy = ServingPolicy(name: .ppd)
        policy.table = PolicyTable(layout: "P:1x1,D:1x1", source: "by hand", entries: entries)
        policy[.ttftWeight] = weights.0
        policy[.tpotWeight] = weights.1
        var view = RoutingView()
        view.prefill = [.init()]
        view.round = .init(
            number: number, history: history, increment: increment, output: output)
        view.rate = rate
        let service = ServiceLevel(ttft: .seconds(1), itl: .seconds(1))
        return policy.definition.rule(policy, service)(view)
    }

    @Test("a later round is local where it saves a greater share of TTFT than it costs of TPOT")
    func score() {
        #expect(route([entry(local: (80, 11.9))]) == .local)
        #expect(route([entry(local: (80, 12))]) == .remote(0), "a tie stays remote")
        #expect(route([entry(local: (80, 12.1))]) == .remote(0))
        #expect(route([entry(local: (80, 12.1))], weights: (2, 1)) == .local)
        #expect(route([entry(local: (80, 11.9))], weights: (1, 2)) == .remote(0))
    }

    @Test("first rounds are remote whatever the table says, missing entries are local")
    func firstAndMissing() {
        #expect(route([entry(local: (1, 1))], number: 0) == .remote(0))
        #expect(route([]) == .local)
        #expect(route([entry(.large, local: (500, 10))]) == .local)
        #expect(route([entry(.small, .bigPaste, local: (500, 10))]) == .local)
    }

    @Test("the entry of the nearest rate decides, that of the higher one at a tie")
    func nearestRate() {
        let entries = [entry(rate: 1, local: (80, 10)), entry(rate: 3, local: (500, 10))]
        #expect(route(entries, rate: 0) == .local)
        #expect(route(entries, rate: 1.99) == .local)
        #expect(route(entries, rate: 2) == .remote(0))
        #expect(route(entries, rate: 1e9) == .remote(0))
    }

    @Test(
        "contexts end their class at 512 and 4,096 tokens",
        arguments: [(0, .small), (512, .small), (513, .large), (4096, .large), (4097, .huge)]
            as [(Int, ContextClass)])
    func contexts(tokens: Int, expected: ContextClass) {
        #expect(ContextClass(context: tokens) == expected)
    }

    @Test(
        "rounds are classed by the ratio of new to generated tokens, then by the greater of them",
        arguments: [
            (15, 64, .tiny), (16, 64, .smallBalanced), (15, 65, .shortGeneration),
            (63, 256, .shortGeneration), (64, 257, .longGeneration), (100, 512, .longGeneration),
            (100, 513, .veryLongGeneration), (64, 32, .smallBalanced), (65, 33, .mediumBalanced),
            (65, 32, .mediumPaste), (256, 100, .mediumPaste), (257, 100, .bigPaste),
            (512, 100, .bigPaste), (513, 100, .hugePaste), (1, 1, .smallBalanced),
        ] as [(Int, Int, RoundShape)])
    func shapes(input: Int, output: Int, expected: RoundShape) {
        #expect(RoundShape(input: input, output: output) == expected)
    }
}
