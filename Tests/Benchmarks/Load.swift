import ServingDomain
import Workloads

/// Drawn workloads.
enum Load {
    /// Single requests: 1,500 tokens in and 150 out on average, sigma 0.5.
    static func requests(rate: Double) -> Workload {
        workload(
            rate,
            .init(
                rounds: .constant(1), reading: .perRound,
                prefillTokens: .lognormal(mean: 1500, cv: 0.533),
                decodeTokens: .lognormal(mean: 150, cv: 0.533), environmentDelay: .constant(0)))
    }

    /// Sessions of four rounds with a tool call of two seconds between them.
    static func sessions(rate: Double) -> Workload {
        workload(
            rate,
            .init(
                rounds: .constant(4), reading: .perRound,
                prefillTokens: .lognormal(mean: 700, cv: 0.6),
                decodeTokens: .lognormal(mean: 100, cv: 0.6),
                environmentDelay: .exponential(mean: 2)))
    }

    private static func workload(_ rate: Double, _ laws: Workload.Synthetic) -> Workload {
        Workload(sessions: .synthetic(laws), rate: Rate(sessionsPerSecond: rate))
    }
}

extension Workload {
    /// The first sessions at the workload's own rate.
    func table(_ count: Int) -> SessionTable {
        SessionGenerator(workload: self, seed: 1).sessions(count: count, rate: rate)
    }
}
