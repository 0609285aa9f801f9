import ServingDomain
import Testing
import Workloads

@Suite("Sessions from laws")
struct SessionGeneratorTests {
    private let laws = Workload.Synthetic(
        rounds: .geometric(mean: 3), reading: .perRound,
        prefillTokens: .lognormal(mean: 500, cv: 1), firstPrefillTokens: .constant(2_000),
        decodeTokens: .lognormal(mean: 200, cv: 0.5), environmentDelay: .exponential(mean: 2))

    @Test("a session's rounds depend on neither rate, arrivals nor count")
    func commonRandomNumbers() {
        let generator = generator(laws)
        let first = generator.sessions(count: 50, rate: rate(1))
        let faster = generator.sessions(count: 80, rate: rate(7), arrivals: .everyKth(4))
        for session in 0..<50 {
            #expect(first.rounds(of: session) == faster.rounds(of: session))
        }
        #expect(
            first
                != SessionGenerator(workload: workload(laws), seed: 2).sessions(
                    count: 50, rate: rate(1)))
    }

    @Test("another rate stretches the same arrivals")
    func stretches() {
        let slow = generator(laws).sessions(count: 200, rate: rate(1)).arrivals
        let fast = generator(laws).sessions(count: 200, rate: rate(4)).arrivals
        // Gaps are rounded to nanoseconds one by one.
        for (a, b) in zip(slow, fast) { #expect((a - 4 * b).magnitude <= 1_000) }
    }

    @Test("per round, the first prompt follows its own law and lengths are whole and positive")
    func perRound() {
        let table = generator(laws).sessions(count: 3_000, rate: rate(1))
        let later = (0..<table.count).flatMap { table.rounds(of: $0).dropFirst() }
        #expect((0..<table.count).allSatisfy { table.rounds(of: $0).first?.newTokens == 2_000 })
        #expect(table.rounds.allSatisfy { $0.newTokens >= 1 && $0.outputTokens >= 1 })
        let mean = later.reduce(0) { $0 + Double($1.newTokens) } / Double(later.count)
        #expect((mean - 500).magnitude < 4 * 500 / Double(later.count).squareRoot())
        #expect((0..<table.count).allSatisfy { table.rounds(of: $0).last?.delayAfter == 0 })
        #expect(
            (0..<table.count).allSatisfy { session in
                table.rounds(of: session).dropLast().allSatisfy { $0.delayAfter > 0 }
            })
    }

    @Test("per session, totals are split evenly and the first round takes the remainder")
    func perSession() {
        let table = generator(fixed(.perSession, rounds: 3, prefill: 101, decode: 8)).sessions(
            count: 2, rate: rate(1))
        #expect(table.rounds(of: 1).map(\.newTokens) == [35, 33, 33])
        #expect(table.rounds(of: 1).map(\.outputTokens) == [4, 2, 2])
    }

    @Test("per session, a total smaller than the rounds still gives every round a token")
    func perSessionTooSmall() {
        let table = generator(fixed(.perSession, rounds: 4, prefill: 2, decode: 1)).sessions(
            count: 1, rate: rate(1))
        #expect(table.rounds(of: 0).allSatisfy { $0.newTokens >= 1 && $0.outputTokens >= 1 })
    }

    @Test("a prompt beyond its session's limit is compacted, and grows again from there")
    func compaction() {
        var laws = fixed(.perRound, rounds: 5, prefill: 100, decode: 10)
        laws.compaction = Workload.Compaction(
            limit: .constant(250), history: .constant(30), newTokens: .constant(50))
        let table = generator(laws).sessions(count: 2, rate: rate(1))
        // Prompts of 100, 210, 80 instead of 320, 190, and 80 instead of 300.
        #expect(table.rounds(of: 1).map(\.newTokens) == [100, 100, 50, 100, 50])
        let all = KeptHistories.all
        #expect((5..<10).map { table.histories.tokens(ofRound: $0) } == [all, all, 30, all, 30])
        #expect(table.contexts(of: 1).longest == 220 && table.contexts(of: 1).final == 90)
        // A shared prefix stays, and a first prompt is what it is.
        laws.prefixGroups = Workload.PrefixGroups(count: 1, tokens: .constant(40))
        laws.compaction?.limit = .constant(60)
        let shared = generator(laws).sessions(count: 1, rate: rate(1))
        #expect(shared.rounds(of: 0).map(\.newTokens) == [140, 50, 50, 50, 50])
        #expect((1..<5).map { shared.histories.tokens(ofRound: $0) } == [40, 40, 40, 40])
        #expect(shared.prefixes.segments(ofRound: 4).count == 1)
    }

    @Test("full prompts grow, and only what is new in them is prefilled")
    func fullPrompt() {
        var laws = fixed(.fullPrompt, rounds: 4, prefill: 0, decode: 10)
        laws.prefillTokens = .uniform(low: 100, high: 4_000)
        let table = generator(laws).sessions(count: 500, rate: rate(1))
        for session in 0..<table.count {
            var history = 0
            for round in table.rounds(of: session) {
                // No prompt was drawn beyond 4,000; a forced token carries the context on by 11.
                #expect(round.newTokens >= 1 && history + Int(round.newTokens) <= 4_000 + 3 * 11)
                history += Int(round.newTokens) + 10
            }
            #expect(history >= 100 + 40)
        }
        let constant = generator(fixed(.fullPrompt, rounds: 3, prefill: 50, decode: 10)).sessions(
            count: 1, rate: rate(1))
        #expect(constant.rounds(of: 0).map(\.newTokens) == [50, 1, 1])
    }

    @Test("extreme laws and rates give sessions, not a crash")
    func extremes() {
        var laws = laws
        laws.rounds = .constant(1e300)
        laws.prefillTokens = .constant(.infinity)
        laws.decodeTokens = .constant(.nan)
        laws.environmentDelay = .constant(-5)
        let table = generator(laws).sessions(count: 2, rate: rate(0))
        #expect(table.arrivals == [.max, .max])
        #expect(table.rounds(of: 0).count == 10_000)
        #expect(table.rounds(of: 0).allSatisfy { $0.outputTokens == 1 && $0.delayAfter == 0 })
        #expect(generator(laws).sessions(count: -1, rate: rate(1)).count == 0)
        #expect(
            generator(laws).sessions(count: 1, rate: rate(1), arrivals: .everyKth(0)).count == 1)
    }

    private func fixed(
        _ reading: Workload.LengthReading, rounds: Double, prefill: Double, decode: Double
    ) -> Workload.Synthetic {
        Workload.Synthetic(
            rounds: .constant(rounds), reading: reading, prefillTokens: .constant(prefill),
            decodeTokens: .constant(decode), environmentDelay: .constant(1))
    }

    private func generator(_ laws: Workload.Synthetic) -> SessionGenerator {
        SessionGenerator(workload: workload(laws), seed: 1)
    }

    private func workload(_ laws: Workload.Synthetic) -> Workload {
        Workload(sessions: .synthetic(laws), rate: rate(1))
    }

    private func rate(_ value: Double) -> Rate { Rate(sessionsPerSecond: value) }
}
