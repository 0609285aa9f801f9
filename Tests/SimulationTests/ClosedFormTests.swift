import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Simulation
import Testing
import Workloads

@Suite("Queueing formulas")
struct ClosedFormTests {
    /// One prefill worker with a service of one millisecond and an infinite decode server.
    private func waits(load: Double, replication: UInt64, sessions: Int) -> Double {
        let worker = WorkerCosts(
            degree: .one,
            prefill: PhaseCosts(linear: .constant(1e6), attention: [], fittedTokens: .infinity),
            decode: PhaseCosts(linear: .constant(1e3), attention: [], fittedTokens: .infinity))
        let setup = ClusterSetup(
            prefill: .workers([worker]), decode: .unlimited(worker), transfer: plainTransfer,
            policy: ServingPolicy(name: .alwaysRemote),
            service: ServiceLevel(ttft: .seconds(1), itl: .seconds(1)))
        let workload = Workload(
            sessions: .synthetic(
                .init(
                    rounds: .constant(1), reading: .perRound, prefillTokens: .constant(100),
                    decodeTokens: .constant(2), environmentDelay: .constant(0))),
            rate: Rate(sessionsPerSecond: load * 1000))
        let table = SessionGenerator(workload: workload, seed: replication)
            .sessions(count: sessions, rate: workload.rate, arrivals: .whole)
        let result = ServingSimulation.run(
            setup, sessions: table,
            measured: MeasuredSessions(first: sessions / 10, end: sessions), keepsRounds: true)
        let sum = result.rounds.reduce(0.0) { $0 + Double($1.prefillStarted - $1.released) }
        return sum / Double(result.rounds.count)
    }

    @Test(
        "the prefill side alone with constant service is M/D/1 (Pollaczek-Khinchine)",
        arguments: [0.3, 0.6, 0.8])
    func mD1(load: Double) {
        let runs = (1...20).map { waits(load: load, replication: $0, sessions: 20_000) }
        let mean = runs.reduce(0, +) / 20
        let variance = runs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 19
        // 2.861 is Student's t for 99 % and 19 degrees of freedom.
        let halfWidth = 2.861 * (variance / 20).squareRoot()
        let truth = load * 1e6 / (2 * (1 - load))
        #expect(abs(mean - truth) < halfWidth, "mean \(mean), truth \(truth) ± \(halfWidth)")
        #expect(halfWidth < 0.1 * truth, "the interval must be narrow enough to mean something")
    }
}
