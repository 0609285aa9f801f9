import CostModeling
import DiscreteEvents
import Foundation
import Scheduling
import ServingDomain
import Simulation

/// A cluster of which one part only takes time: a queue that textbooks have formulas for.
///
/// Services take a millisecond on average, one nanosecond per prompt token; sessions arrive in a
/// Poisson process.
struct TextbookQueue {
    /// How services are spread around their mean.
    enum Law: CaseIterable {
        case constant, uniform, erlang, exponential, hyperexponential

        /// Mean square of the services in square milliseconds.
        var meanSquare: Double {
            switch self {
            case .constant: 1
            case .uniform: 4.0 / 3
            case .erlang: 1.5
            case .exponential: 2
            case .hyperexponential: 0.2 * 2 * 9 + 0.8 * 2 * 0.25
            }
        }

        /// A service in milliseconds.
        func sample(_ random: inout RandomSequence) -> Double {
            func exponential(_ mean: Double) -> Double {
                -mean * DeterministicMath.log(random.unit())
            }
            return switch self {
            case .constant: 1
            case .uniform: 2 * random.unit()
            case .erlang: exponential(0.5) + exponential(0.5)
            case .exponential: exponential(1)
            // One in five takes 3 on average, the others 0.5.
            case .hyperexponential: exponential(random.unit() < 0.2 ? 3 : 0.5)
            }
        }
    }

    static let millisecond = 1e6

    /// Sessions of one replication: 6,000, and 60,000 where AMPD_VERIFY is set.
    static let count = ProcessInfo.processInfo.environment["AMPD_VERIFY"] == nil ? 6_000 : 60_000

    /// Prefill takes one nanosecond per token, a decode step `step` nanoseconds.
    static func worker(step: Double) -> WorkerCosts {
        WorkerCosts(
            degree: .one,
            prefill: PhaseCosts(
                linear: .line(intercept: 0, slope: 1), attention: [], fittedTokens: .infinity),
            decode: PhaseCosts(linear: .constant(step), attention: [], fittedTokens: .infinity))
    }

    /// Nothing has to be moved.
    static let noTransfer = TransferCosts(
        latency: .zero, bandwidth: Bandwidth(bytesPerSecond: 1e9), bytesPerToken: 0)

    /// Prefill workers in front of an infinite decode server.
    static func prefillSide(
        _ policy: ServingPolicy.Name = .alwaysRemote, workers: Int = 1
    ) -> ClusterSetup {
        let costs = worker(step: 1)
        var setup = cluster(policy, transfer: noTransfer, worker: costs)
        setup.prefill = .workers(Array(repeating: costs, count: workers))
        setup.decode = .unlimited(costs)
        return setup
    }

    /// Sessions of one round that arrive `load` times a millisecond.
    static func sessions(
        load: Double, _ law: Law, seed: Int, count: Int = Self.count
    ) -> SessionTable {
        var random = RandomSequence(seed: UInt64(seed), named: "textbook queue")
        var (table, time) = (SessionTable(), 0.0)
        for _ in 0..<count {
            time -= millisecond / load * DeterministicMath.log(random.unit())
            let service = max(1, (law.sample(&random) * millisecond).rounded())
            table.append(
                arrival: Int64(time),
                rounds: [
                    RoundScript(
                        newTokens: Int(service), outputTokens: 1, delayAfter: 0)
                ])
        }
        return table
    }

    /// Rounds of the sessions after the first tenth.
    static func steadyRounds(_ setup: ClusterSetup, _ sessions: SessionTable) -> [RoundOutcome] {
        ServingSimulation.run(
            setup, sessions: sessions,
            measured: MeasuredSessions(first: sessions.count / 10, end: sessions.count),
            keepsRounds: true
        ).rounds
    }

    /// Probability that a customer of M/M/c has to wait, from the recursion of Erlang's B formula.
    static func erlangC(servers: Int, offered: Double) -> Double {
        let blocking = (1...servers).reduce(1.0) { $0 * offered / (Double($1) + $0 * offered) }
        return blocking / (1 - offered / Double(servers) * (1 - blocking))
    }
}

/// The mean of independent replications and its standard error.
struct Replicated {
    let mean: Double
    let standardError: Double

    /// - Precondition: at least two figures.
    init(_ figures: [Double]) {
        let count = Double(figures.count)
        let mean = figures.reduce(0, +) / count
        let squares = figures.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        self.mean = mean
        standardError = (squares / (count - 1) / count).squareRoot()
    }

    /// Whether `truth` lies within four standard errors, and these are at most 7 % of it, with full
    /// counts 2.2 %.
    ///
    /// With sixteen replications four standard errors are exceeded once in 900 by chance.
    func agrees(with truth: Double) -> Bool {
        let share = 0.07 * (6_000 / Double(TextbookQueue.count)).squareRoot()
        return abs(mean - truth) < 4 * standardError && standardError < share * truth
    }
}

extension Replicated: CustomStringConvertible {
    var description: String { "\(mean) ± \(standardError)" }
}
