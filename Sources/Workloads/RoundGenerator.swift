import DiscreteEvents
import ServingDomain

/// Draws the rounds of sessions from laws.
struct RoundGenerator: Sendable {
    /// Most rounds of one session, and most tokens of one length, whatever a law says.
    private static let mostRounds = 1000.0
    private static let mostTokens = 10_000_000.0
    /// Longest delay in seconds: 30 days.
    private static let longestDelay = 2_592_000.0

    let synthetic: Workload.Synthetic
    private let counts: RandomStream
    private let prompts: RandomStream
    private let outputs: RandomStream
    private let delays: RandomStream

    init(synthetic: Workload.Synthetic, seed: UInt64) {
        self.synthetic = synthetic
        counts = RandomStream(seed: seed, named: "rounds")
        prompts = RandomStream(seed: seed, named: "prefill lengths")
        outputs = RandomStream(seed: seed, named: "decode lengths")
        delays = RandomStream(seed: seed, named: "environment delays")
    }

    func rounds(of session: Int) -> [RoundScript] {
        let drawn = synthetic.rounds.distribution.sample(unit: counts.unit(session, 0)).rounded()
        let count = Int(min(max(drawn, 1), Self.mostRounds))
        let (prompts, outputs) = lengths(session, count)
        return (0..<count).map { round in
            RoundScript(
                newTokens: prompts[round], outputTokens: outputs[round],
                delayAfter: delay(session, round))
        }
    }

    private func lengths(_ session: Int, _ count: Int) -> (prompts: [Int], outputs: [Int]) {
        switch synthetic.reading {
        case .perRound:
            return (
                (0..<count).map { prompt(session, $0) }, (0..<count).map { output(session, $0) }
            )
        case .perSession:
            return (
                split(prompt(session, 0), into: count), split(output(session, 0), into: count)
            )
        case .fullPrompt:
            let outputs = (0..<count).map { output(session, $0) }
            let prompts = (0..<count).map { prompt(session, $0) }.sorted()
            let grown = zip(zip(prompts.dropFirst(), prompts), outputs).map {
                (calls: (Int, Int), output: Int) -> Int in max(1, calls.0 - calls.1 - output)
            }
            return ([prompts[0]] + grown, outputs)
        }
    }

    /// Even shares of at least 1; what does not divide goes to the first.
    private func split(_ total: Int, into count: Int) -> [Int] {
        let share = max(1, total / count)
        return [max(1, total - share * (count - 1))] + Array(repeating: share, count: count - 1)
    }

    private func prompt(_ session: Int, _ round: Int) -> Int {
        let first = round == 0 ? synthetic.firstPrefillTokens : nil
        let law = first ?? synthetic.prefillTokens
        return Self.tokens(law.distribution.sample(unit: prompts.unit(session, round)))
    }

    private func output(_ session: Int, _ round: Int) -> Int {
        Self.tokens(
            synthetic.decodeTokens.distribution.sample(unit: outputs.unit(session, round)))
    }

    private func delay(_ session: Int, _ round: Int) -> Int64 {
        let seconds = synthetic.environmentDelay.distribution.sample(
            unit: delays.unit(session, round))
        return Int64((min(max(seconds, 0), Self.longestDelay) * 1e9).rounded())
    }

    private static func tokens(_ drawn: Double) -> Int {
        Int(min(max(drawn.rounded(), 1), mostTokens))
    }
}

extension Law {
    var distribution: Distribution {
        switch self {
        case .constant(let value): .constant(value)
        case .uniform(let low, let high): .uniform(low: low, high: high)
        case .exponential(let mean): .exponential(mean: mean)
        case .lognormal(let mean, let cv): .lognormal(mean: mean, cv: cv)
        case .geometric(let mean): .geometric(mean: mean)
        case .empirical(let values): .empirical(values)
        }
    }
}
