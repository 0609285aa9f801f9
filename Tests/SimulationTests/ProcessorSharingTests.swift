import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Testing

@testable import Simulation

/// One link between one prefill worker that computes in no time and one serving worker.
@Suite("Links are processor-sharing queues")
struct ProcessorSharingTests {
    private enum Sizes {
        /// Exponential with mean 10,000 tokens, in whole tokens.
        case exponential
        /// 1,000 tokens nine times out of ten, else 91,000: a coefficient of variation of 2.7.
        case unlike

        func draw(_ random: inout RandomSequence) -> Int {
            switch self {
            case .exponential: Int((-10_000 * DeterministicMath.log(random.unit())).rounded(.up))
            case .unlike: random.integer(below: 10) > 0 ? 1_000 : 91_000
            }
        }
    }

    /// Time from the end of the prefill until the increment is there, by size in tokens.
    private func responses(
        _ sizes: Sizes, load: Double, seed: UInt64, count: Int = 10_000
    ) -> [(size: Int, time: Double)] {
        let worker = WorkerCosts(
            degree: .one,
            prefill: PhaseCosts(linear: .constant(0), attention: [], fittedTokens: .infinity),
            decode: PhaseCosts(linear: .constant(1), attention: [], fittedTokens: .infinity))
        var setup = cluster(
            .alwaysRemote, capacity: .max / 4,
            transfer: TransferCosts(
                latency: .zero, bandwidth: Bandwidth(bytesPerSecond: 1e9), bytesPerToken: 3),
            worker: worker)
        setup.firstTokenSite = .prefillShipped
        var random = RandomSequence(seed: seed, named: "processor sharing")
        var (sessions, time) = (SessionTable(), 0.0)
        for _ in 0..<count {
            // A mean size takes 30,000 ns alone.
            time -= 30_000 / load * DeterministicMath.log(random.unit())
            let script = RoundScript(
                newTokens: sizes.draw(&random), outputTokens: 1, delayAfter: 0)
            sessions.append(arrival: Int64(time), rounds: [script])
        }
        return run(setup, sessions).rounds.map {
            (Int(sessions.rounds[$0.session].newTokens), Double($0.ttft))
        }
    }

    /// Mean over runs with the half width of its 99 % interval.
    private func estimate(_ runs: [Double]) -> (mean: Double, halfWidth: Double) {
        let middle = mean(runs)
        let variance =
            runs.reduce(0) { $0 + ($1 - middle) * ($1 - middle) } / Double(runs.count - 1)
        // 3.250 is Student's t for 99 % and 9 degrees of freedom.
        return (middle, 3.250 * (variance / Double(runs.count)).squareRoot())
    }

    private func mean(_ values: [Double]) -> Double {
        values.reduce(0, +) / Double(max(1, values.count))
    }

    @Test("exponential sizes: the mean response is that of M/M/1-PS", arguments: [0.3, 0.6, 0.8])
    func exponential(load: Double) {
        let runs = (1...10).map { mean(responses(.exponential, load: load, seed: $0).map(\.time)) }
        let (found, halfWidth) = estimate(runs)
        let truth = 30_000 / (1 - load)
        // Whole tokens round the sizes up by half a token, 0.005 % of them.
        #expect(abs(found - truth) < halfWidth + 1e-4 * truth, "\(found) ± \(halfWidth), \(truth)")
        #expect(halfWidth < 0.1 * truth, "the interval must be narrow enough to mean something")
    }

    @Test(
        "unlike sizes: each waits in proportion to itself alone, x / (1 - load)",
        arguments: [0.4, 0.7])
    func insensitive(load: Double) {
        let runs = (11...20).map { responses(.unlike, load: load, seed: $0) }
        for size in [1_000, 91_000] {
            let means = runs.map { run in mean(run.filter { $0.size == size }.map(\.time)) }
            let (found, halfWidth) = estimate(means)
            let truth = 3 * Double(size) / (1 - load)
            #expect(abs(found - truth) < halfWidth, "\(size): \(found) ± \(halfWidth), \(truth)")
            #expect(halfWidth < 0.1 * truth, "the interval must be narrow enough to mean something")
        }
    }
}
