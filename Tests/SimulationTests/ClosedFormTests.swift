import DiscreteEvents
import Scheduling
import ServingDomain
import Simulation
import Testing

/// Mean waits, responses and percentiles of the prefill side against formulas, in milliseconds.
///
/// Sixteen replications; the truth lies within four of their standard errors, and these are small
/// enough to mean something.
@Suite("Queueing formulas of a prefill worker")
struct ClosedFormTests {
    /// Several figures of the same sixteen runs.
    private func replicated(
        _ load: Double, _ law: TextbookQueue.Law, _ figures: [([RoundOutcome]) -> Double]
    ) -> [Replicated] {
        let setup = TextbookQueue.prefillSide()
        let runs = (0..<16).map { seed in
            let rounds = TextbookQueue.steadyRounds(
                setup, TextbookQueue.sessions(load: load, law, seed: seed))
            return figures.map { $0(rounds) }
        }
        return figures.indices.map { figure in Replicated(runs.map { $0[figure] }) }
    }

    private static func wait(_ round: RoundOutcome) -> Double {
        Double(round.prefillStarted - round.released) / TextbookQueue.millisecond
    }

    private static func response(_ round: RoundOutcome) -> Double {
        Double(round.prefillEnded - round.released) / TextbookQueue.millisecond
    }

    private static func mean(
        _ figure: @escaping (RoundOutcome) -> Double
    ) -> ([RoundOutcome]) -> Double {
        { rounds in rounds.reduce(0) { $0 + figure($1) } / Double(rounds.count) }
    }

    private static func p95(
        _ figure: @escaping (RoundOutcome) -> Double
    ) -> ([RoundOutcome]) -> Double {
        { rounds in Percentile.value(95, of: rounds.map(figure)) ?? 0 }
    }

    @Test(
        "M/G/1: the mean wait is that of Pollaczek and Khinchine, whatever the service law",
        arguments: TextbookQueue.Law.allCases, [0.3, 0.7])
    func pollaczekKhinchine(law: TextbookQueue.Law, load: Double) {
        let found = replicated(load, law, [Self.mean(Self.wait)])[0]
        let truth = load * law.meanSquare / (2 * (1 - load))
        #expect(
            found.agrees(with: truth), "found \(found), truth \(truth)")
    }

    @Test(
        "M/M/1: wait and response, their means and their 95th percentiles", arguments: [0.3, 0.8])
    func mM1(load: Double) {
        // The response is exponential with rate 1 - load; the wait is that with probability load.
        let ln20 = 2.995_732_273_553_991
        let found = replicated(
            load, .exponential,
            [
                Self.mean(Self.wait), Self.mean(Self.response), Self.p95(Self.response),
                Self.p95(Self.wait),
            ])
        let truths = [
            load / (1 - load), 1 / (1 - load), ln20 / (1 - load),
            (ln20 + DeterministicMath.log(load)) / (1 - load),
        ]
        for (found, truth) in zip(found, truths) {
            #expect(found.agrees(with: truth), "found \(found), truth \(truth)")
        }
    }

    @Test("M/D/1 at a load of 0.8: the 95th percentile of the wait follows Crommelin's formula")
    func crommelin() {
        let found = replicated(0.8, .constant, [Self.p95(Self.wait)])[0]
        let truth = Self.crommelinQuantile(0.95, load: 0.8)
        #expect(
            found.agrees(with: truth), "found \(found), truth \(truth)")
    }

    /// The wait that a share of the customers of M/D/1 does not exceed, by bisection.
    private static func crommelinQuantile(_ share: Double, load: Double) -> Double {
        func notLonger(_ wait: Double) -> Double {
            let sum = (0...Int(wait)).reduce(0.0) { sum, index in
                let x = load * (Double(index) - wait)
                let power = (0..<index).reduce(1.0) { $0 * x / Double($1 + 1) }
                return sum + power * DeterministicMath.exp(-x)
            }
            return (1 - load) * sum
        }
        var (low, high) = (0.0, 30.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if notLonger(middle) < share { low = middle } else { high = middle }
        }
        return low
    }

    @Test("D/D/1: nobody waits below the capacity, and above it everybody waits a step longer")
    func dD1() {
        func waits(gap: Int64) -> [Int64] {
            let scripts = (0..<1_000).map { index -> Script in
                (Int64(index) * gap, [(1_000_000, 1, 0)])
            }
            return run(TextbookQueue.prefillSide(), table(scripts)).rounds.map {
                $0.prefillStarted - $0.released
            }
        }
        #expect(waits(gap: 1_250_000) == Array(repeating: 0, count: 1_000))
        #expect(waits(gap: 1_000_000) == Array(repeating: 0, count: 1_000))
        #expect(waits(gap: 800_000) == (0..<1_000).map { $0 * 200_000 })
    }

    @Test("utilisation is rate times mean service, for every law", arguments: [0.3, 0.7])
    func utilisation(load: Double) {
        for law in TextbookQueue.Law.allCases {
            let found = Replicated(
                (0..<16).map { seed in
                    run(
                        TextbookQueue.prefillSide(),
                        TextbookQueue.sessions(load: load, law, seed: seed, count: 2_000)
                    ).prefillUtilisation
                })
            #expect(found.agrees(with: load), "\(law): \(found), \(load)")
        }
    }
}
