import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Testing

@testable import Simulation

/// Decode steps that wait for the longest of their sequences.
@Suite("Spread of the contexts in a batch")
struct ContextSpreadTests {
    /// Prefill 1,000 ns per token; a step 500 ns plus 100 ns per sequence plus 8 ns for each token of
    /// the standard deviation.
    private static let worker = WorkerCosts(
        ExplicitCosts(
            prefill: .polynomial(
                PrefillPolynomial(constant: 0, perToken: 1000, perTokenSquared: 0)),
            decode: .lines(threshold: 1, small: line, large: line)), degree: .one)
    private static let line = DecodeLine(
        constant: 500, perContextToken: 0, perSequence: 100, perSpreadToken: 8)

    @Test("a step takes longer with a long and a short context than with equal ones")
    func twoSequences() {
        // Prompts of 10 and 30 tokens are computed until 40,000. Contexts 11 and 31 differ by 10 from
        // their mean, and go on to: steps of 700 + 80. Alone the rest takes 600 per step.
        let result = run(
            cluster(.alwaysLocal, prefill: 0, worker: Self.worker),
            table((0, [(10, 4, 0)]), (0, [(30, 6, 0)])))
        #expect(
            result.timeline == [
                Instants(0, 0, 40_000, 40_000, 42_340), Instants(0, 0, 40_000, 40_000, 43_540),
            ])
    }

    @Test("runs of steps take what single steps take", arguments: 0..<30)
    func stepping(seed: Int) {
        let scenario = Scenario(seed: UInt64(seed), policy: .ampd, load: .scarceMemory)
        var setup = scenario.setup
        setup.decode = .workers(
            setup.decodeSeats.map { .init(costs: Self.worker, capacity: $0.capacity) })
        let inRuns = run(setup, scenario.sessions).timeline
        setup.stepping = .oneByOne
        #expect(run(setup, scenario.sessions).timeline == inRuns)
    }

    @Test("the running sums give the deviation of the members", arguments: 0..<20)
    func deviation(seed: Int) {
        var random = RandomSequence(seed: UInt64(seed), named: "spread")
        var batch = DecodeBatch(blockSize: 16)
        var states: [SessionState] = []
        func check() {
            let contexts = states.map { Double(batch.length(of: $0) + 1) }
            let mean = contexts.reduce(0, +) / Double(contexts.count)
            let squares = contexts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let deviation = (squares / Double(contexts.count)).squareRoot()
            #expect(abs(batch.contextDeviation - deviation) <= 1e-6 * (1 + deviation))
        }
        for number in 0..<40 {
            if states.count > 2, random.integer(below: 3) == 0 {
                batch.leave(states.remove(at: random.integer(below: states.count)))
            } else {
                var state = SessionState(
                    session: number, isMeasured: true, arrived: .zero, firstRound: 0, rounds: 1,
                    script: RoundScript(newTokens: 1, outputTokens: 1, delayAfter: 0))
                batch.join(
                    number, &state, length: random.integer(below: 200_000), steps: 1_000_000)
                states.append(state)
            }
            batch.advance(
                StepRun(
                    start: 0, first: 1, growth: 0, steps: 1 + random.integer(below: 500),
                    isFitted: true))
            check()
        }
    }
}
