import CostModeling
import DiscreteEvents
import Foundation
import Scheduling
import ServingDomain
import Workloads

@testable import Simulation

/// A prefill worker that computes a microsecond per token, transfers and decode that take nothing:
/// TTFT is the response time of M/G/1 whose service is the length of the prompt.
struct SimulatedQueue {
    /// Mean service of a millisecond.
    static let meanTokens = 1_000.0

    let load: Double
    let lengths: Law
    var speed = 1.0
    var ttft = Duration.seconds(1)

    var setup: ClusterSetup {
        let worker = WorkerCosts(
            degree: .one,
            prefill: PhaseCosts(
                linear: .line(intercept: 0, slope: 1_000 / speed), attention: [],
                fittedTokens: .infinity),
            decode: PhaseCosts(linear: .constant(1), attention: [], fittedTokens: .infinity))
        let free = TransferCosts(
            latency: .zero, bandwidth: Bandwidth(bytesPerSecond: 1e9), bytesPerToken: 0)
        return ClusterSetup(
            prefill: .workers([worker]), decode: .unlimited(worker), transfer: free,
            policy: ServingPolicy(name: .alwaysRemote),
            service: ServiceLevel(ttft: ttft, itl: .seconds(1)))
    }

    /// One replication: so many sessions of one round each are measured after `filling` others.
    func run(seed: UInt64, sessions: Int, filling: Int) -> SimulationResult {
        let workload = Workload(
            sessions: .synthetic(
                .init(
                    rounds: .constant(1), reading: .perRound, prefillTokens: lengths,
                    decodeTokens: .constant(1), environmentDelay: .constant(0))),
            rate: Rate(sessionsPerSecond: load * 1_000))
        let table = SessionGenerator(workload: workload, seed: seed)
            .sessions(count: sessions + filling, rate: workload.rate)
        return ServingSimulation.run(
            setup, sessions: table,
            measured: MeasuredSessions(first: filling, end: filling + sessions))
    }

    /// Lengths of Hill index 1.5 from `mean / 3` tokens, up to `ratio` times the shortest.
    static func pareto(ratio: Double) -> Law {
        let index = 1.5
        let values = (0..<20_000).map { (step: Int) -> Double in
            let u = (Double(step) + 0.5) / 20_000
            return pow(1 - u * (1 - pow(ratio, -index)), -1 / index)
        }
        let mean = values.reduce(0, +) / 20_000
        return .empirical(values.map { $0 / mean * meanTokens })
    }
}
