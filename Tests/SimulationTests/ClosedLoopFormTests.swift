import DiscreteEvents
import Scheduling
import ServingDomain
import Simulation
import Testing

/// A fixed number of sessions that alternate between tools and one prefill worker: M/M/1 with a
/// finite source.
@Suite("Queueing formulas of a closed loop")
struct ClosedLoopFormTests {
    /// Mean tool time in milliseconds; the mean prefill is one.
    private static let think = 5.0
    private static let rounds = 300

    @Test(
        "the mean response follows from the probability of an idle worker", arguments: [2, 6, 12])
    func finiteSource(places: Int) {
        let found = Replicated(
            (0..<16).map { seed in
                meanResponse(TextbookQueue.prefillSide(), sessions(places, seed), places)
            })
        // Only its mean matters of the think time; a session's first round comes without any.
        let think = Self.think * (1 - 1 / Double(Self.rounds))
        let idle = 1 / Self.weights(places, think).reduce(0, +)
        let truth = Double(places) / (1 - idle) - think
        #expect(found.agrees(with: truth), "found \(found), truth \(truth)")
    }

    /// N! / (N - n)! over think^n for n from 0 to N.
    private static func weights(_ places: Int, _ think: Double) -> [Double] {
        (0...places).map { n in
            (0..<n).reduce(1.0) { $0 * Double(places - $1) / think }
        }
    }

    /// Mean of release to end of prefill in milliseconds while all places are taken, without the
    /// beginning in which all sessions arrive at once.
    private func meanResponse(
        _ setup: ClusterSetup, _ sessions: SessionTable, _ places: Int
    ) -> Double {
        let rounds = run(setup, sessions).rounds
        let lastArrival = rounds.first { $0.session == sessions.count - 1 }?.released ?? 0
        let steady = rounds.filter {
            $0.released > Int64(100 * TextbookQueue.millisecond) && $0.released < lastArrival
        }
        return steady.reduce(0.0) { $0 + Double($1.prefillEnded - $1.released) }
            / Double(steady.count) / TextbookQueue.millisecond
    }

    /// Four times as many sessions as places, with exponential prompts and tool times.
    private func sessions(_ places: Int, _ seed: Int) -> SessionTable {
        var random = RandomSequence(seed: UInt64(seed), named: "closed loop")
        func exponential(_ mean: Double) -> Double { -mean * DeterministicMath.log(random.unit()) }
        var table = SessionTable()
        for _ in 0..<4 * places {
            table.append(
                arrival: 0,
                rounds: (0..<Self.rounds).map { _ in
                    let prompt = max(1, exponential(TextbookQueue.millisecond).rounded())
                    return RoundScript(
                        newTokens: Int(prompt), outputTokens: 1,
                        delayAfter: Int64(exponential(Self.think * TextbookQueue.millisecond)))
                })
        }
        table.concurrency = places
        return table
    }
}
