import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Simulation
import Testing

/// Seats of a decode batch, and prefill and decode one after the other, against formulas.
@Suite("Queueing formulas of seats and tandems")
struct NetworkFormTests {
    /// Steps of ten microseconds, so that a hundred of them are the mean service.
    private static let step = 10_000.0
    private static let steps = 100.0

    /// A decode worker with `seats` places behind `prefill`; every step takes the same time.
    private func decodeSide(
        _ prefill: ClusterSetup.PrefillStage, seats: Int
    ) -> ClusterSetup {
        let costs = TextbookQueue.worker(step: Self.step)
        var setup = cluster(
            .alwaysRemote, capacity: 2_000_000_000, blockSize: 1_000_000,
            transfer: TextbookQueue.noTransfer, worker: costs)
        setup.prefill = prefill
        setup.maxSequences = seats
        return setup
    }

    /// Sessions of one round whose prompt and answer take exponential times.
    private func sessions(load: Double, seed: Int) -> SessionTable {
        var random = RandomSequence(seed: UInt64(seed), named: "tandem")
        func exponential() -> Double { -DeterministicMath.log(random.unit()) }
        var (table, time) = (SessionTable(), 0.0)
        for _ in 0..<TextbookQueue.count {
            time += TextbookQueue.millisecond / load * exponential()
            let prompt = max(1, (exponential() * TextbookQueue.millisecond * 0.25).rounded())
            // Geometric with mean 100: an exponential that ends with a step.
            let answer = (exponential() * (Self.steps - 0.5)).rounded(.up)
            table.append(
                arrival: Int64(time),
                rounds: [
                    RoundScript(
                        newTokens: Int(prompt), outputTokens: max(1, Int(answer)), delayAfter: 0)
                ])
        }
        return table
    }

    /// Milliseconds between the end of the prefill and the step that gives the first token.
    private func meanSeatWait(_ rounds: [RoundOutcome]) -> Double {
        let sum = rounds.reduce(0.0) {
            $0 + Double($1.released + $1.ttft - $1.prefillEnded) - Self.step
        }
        return sum / Double(rounds.count) / TextbookQueue.millisecond
    }

    /// Steps of one batch begin together, so that a join waits half a step on average where the
    /// batch is not empty.
    private func expectErlang(
        _ found: Replicated, seats: Int, offered: Double
    ) {
        let waits = TextbookQueue.erlangC(servers: seats, offered: offered)
        let truth = waits / (Double(seats) - offered)
        let halfStep = Self.step / TextbookQueue.millisecond / 2
        #expect(
            abs(found.mean - truth) < 4 * found.standardError + 2 * halfStep,
            "found \(found), truth \(truth)")
        #expect(found.agrees(with: found.mean), "\(found): too wide to mean something")
    }

    @Test(
        "M/M/c: the wait for a seat in the batch follows Erlang's C formula", arguments: [1, 2, 4])
    func seats(count: Int) {
        let offered = 0.8 * Double(count)
        let setup = decodeSide(.unlimited(TextbookQueue.worker(step: Self.step)), seats: count)
        let found = Replicated(
            (0..<16).map {
                meanSeatWait(
                    TextbookQueue.steadyRounds(setup, sessions(load: offered, seed: $0)))
            })
        expectErlang(found, seats: count, offered: offered)
    }

    @Test(
        "M/M/c: prefill workers with one queue wait by Erlang's C formula, mean and 95th percentile",
        arguments: [2, 4])
    func sharedQueue(workers: Int) {
        let offered = 0.8 * Double(workers)
        let costs = TextbookQueue.worker(step: 1)
        var setup = decodeSide(.workers(Array(repeating: costs, count: workers)), seats: 1_000_000)
        setup.policy = ServingPolicy(name: .alwaysRemoteLegacy)
        let runs = (0..<16).map { seed in
            TextbookQueue.steadyRounds(
                setup, TextbookQueue.sessions(load: offered, .exponential, seed: seed)
            ).map { Double($0.prefillStarted - $0.released) / TextbookQueue.millisecond }
        }
        let waits = TextbookQueue.erlangC(servers: workers, offered: offered)
        let spare = Double(workers) - offered
        let means = Replicated(runs.map { $0.reduce(0, +) / Double($0.count) })
        #expect(means.agrees(with: waits / spare), "\(means), truth \(waits / spare)")
        // The wait is longer than t with probability C e^(-(c - a) t).
        let p95 = Replicated(runs.map { Percentile.value(95, of: $0) ?? 0 })
        let truth = DeterministicMath.log(waits / 0.05) / spare
        #expect(p95.agrees(with: truth), "\(p95), truth \(truth)")
    }

    @Test("tandem: what leaves M/M/1 is Poisson again, so that both stages keep their formulas")
    func tandem() {
        let worker = TextbookQueue.worker(step: Self.step)
        let setup = decodeSide(.workers([worker]), seats: 4)
        let runs = (0..<16).map {
            TextbookQueue.steadyRounds(setup, sessions(load: 3, seed: $0))
        }
        // Prefill takes 0.25 ms on average: a load of 0.75 and a response of 1 ms.
        let responses = Replicated(
            runs.map { rounds in
                rounds.reduce(0.0) { $0 + Double($1.prefillEnded - $1.released) }
                    / Double(rounds.count) / TextbookQueue.millisecond
            })
        #expect(responses.agrees(with: 1), "\(responses)")
        expectErlang(Replicated(runs.map(meanSeatWait)), seats: 4, offered: 3)
    }

    @Test("Jackson: sessions that return keep the prefill worker's M/M/1 at the sum of all rates")
    func feedback() {
        // Four rounds on average, so that a rate of 0.175 sessions is a load of 0.7.
        let found = Replicated(
            (0..<16).map { seed in
                let rounds = TextbookQueue.steadyRounds(
                    TextbookQueue.prefillSide(), returningSessions(rate: 0.175, seed: seed))
                return rounds.reduce(0.0) { $0 + Double($1.prefillEnded - $1.released) }
                    / Double(rounds.count) / TextbookQueue.millisecond
            })
        let truth = 1 / (1 - 0.7)
        #expect(
            found.agrees(with: truth), "found \(found), truth \(truth)")
    }

    /// Sessions of geometrically many rounds, with exponential prompts and tool times.
    private func returningSessions(rate: Double, seed: Int) -> SessionTable {
        var random = RandomSequence(seed: UInt64(seed), named: "Jackson")
        func exponential(_ mean: Double) -> Double { -mean * DeterministicMath.log(random.unit()) }
        var (table, time) = (SessionTable(), 0.0)
        for _ in 0..<TextbookQueue.count / 4 {
            time += exponential(TextbookQueue.millisecond / rate)
            var rounds: [RoundScript] = []
            repeat {
                let prompt = max(1, exponential(TextbookQueue.millisecond).rounded())
                let delay = Int64(exponential(5 * TextbookQueue.millisecond))
                rounds.append(
                    RoundScript(newTokens: Int(prompt), outputTokens: 1, delayAfter: delay))
            } while random.unit() < 0.75
            table.append(arrival: Int64(time), rounds: rounds)
        }
        return table
    }
}
