import Scheduling
import ServingDomain
import Simulation
import Workloads

/// Single runs of co-located replicas, on one core.
extension Benchmarks {
    static func colocated(_ costs: Costs) -> [Benchmark] {
        [mooncake(costs), pressure(costs)]
    }

    /// A recorded conversation workload whose requests share blocks of 512 tokens.
    private static func mooncake(_ costs: Costs) -> Benchmark {
        Benchmark(
            name: "mooncake-8-colocated", unit: .rate("requests"), target: 200_000
        ) {
            let text = try SharedFile.mooncake.text()
            let sessions = try TraceReader.read(text, format: .mooncakeBlocks).sessions
            let policy = ServingPolicy(name: .colocatedV1, dispatch: .prefixAware)
            let setup = costs.cluster(policy, 0, 8)
            return {
                await simulate(setup, sessions) {
                    "workers busy \(hundredths($0.decodeUtilisation))"
                }
            }
        }
    }

    /// Replicas whose memory holds fewer sequences than the load asks for.
    private static func pressure(_ costs: Costs) -> Benchmark {
        Benchmark(
            name: "colocated-v1-preemption", unit: .rate("requests"), target: 100_000
        ) {
            let sessions = Load.requests(rate: 20).table(10_000)
            let setup = costs.cluster(
                ServingPolicy(name: .colocatedV1, dispatch: .leastLoaded), 0, 4,
                capacity: Tokens(20_000))
            return {
                await simulate(setup, sessions) {
                    "\(grouped(Double($0.preemptions))) preemptions"
                }
            }
        }
    }
}
