import CostModeling
public import ServingDomain
public import Simulation
import Workloads

/// P95 latency of one replica that shares its phase's load with others, over its target.
public struct LatencyCoefficient: Hashable, Sendable {
    public let phase: Phase
    public let degree: TensorParallelDegree
    /// Replicas that share the load of the phase.
    public let replicas: Int
    /// P95 of TTFT (queue and compute) or ITL in nanoseconds.
    public let p95: Estimate
    /// `p95` over the phase's target: the pressure that the integer program minimises.
    public let ratio: Double
    /// P95 wait for KV memory on the replica in nanoseconds; not part of `p95` (decode only).
    public let memoryWaitP95: Double
    /// Whether the replica cannot keep up with its share of the load.
    public let overloaded: Bool
}

/// Simulates each replica alone: tau[phase, degree, replicas] (serving-semantics 4.5).
///
/// The other phase, transfers and tool time are infinite servers with unloaded durations at the
/// largest candidate degree.
struct LatencyCoefficients {
    let planningCase: Case
    let costs: CostModel
    let degrees: [TensorParallelDegree]
    let jobs: Int

    private struct Column: Sendable {
        let phase: Phase
        let degree: TensorParallelDegree
        let replicas: Int
    }

    /// How many coefficients `simulate` returns.
    var count: Int { columns.count }

    /// Every coefficient that a deployment within the GPU budget could use.
    func simulate() async -> [LatencyCoefficient] {
        await mapConcurrently(columns, jobs: jobs) { coefficient($0) }
    }

    private var columns: [Column] {
        let budget = planningCase.cluster.gpus.value
        let smallest = degrees.map(\.value).min() ?? 1
        return Phase.allCases.flatMap { phase in
            degrees.flatMap { degree in
                let most = (budget - smallest) / degree.value
                return (0..<max(0, most)).map {
                    Column(phase: phase, degree: degree, replicas: $0 + 1)
                }
            }
        }
    }

    private func coefficient(_ column: Column) -> LatencyCoefficient {
        let replications = Replications(
            workload: planningCase.workload,
            rate: planningCase.workload.rate / column.replicas,
            arrivals: planningCase.planning.dispatch == .roundRobin
                ? .everyKth(column.replicas) : .poisson,
            planning: planningCase.planning, jobs: 1)
        let setup = setup(column)
        let runs = (0..<planningCase.planning.replications).map { replications.run(setup, $0) }
        return column.phase == .prefill
            ? prefillCoefficient(column, runs) : decodeCoefficient(column, runs)
    }

    private func setup(_ column: Column) -> ClusterSetup {
        let worker = costs.require(column.degree)
        let other = costs.require(degrees.max() ?? column.degree)
        let seat = ClusterSetup.DecodeSeat(
            costs: worker, capacity: planningCase.kvCapacity(column.degree).tokens)
        var policy = planningCase.policy
        policy.name = policy.reorders ? .ampdReordering : .alwaysRemote
        return ClusterSetup(
            prefill: column.phase == .prefill ? .workers([worker]) : .unlimited(other),
            decode: column.phase == .decode ? .workers([seat]) : .unlimited(other),
            transfer: costs.transfer, policy: policy, service: planningCase.service,
            blockSize: planningCase.engine.blockSize,
            maxSequences: planningCase.engine.maxSequences)
    }

    private func prefillCoefficient(
        _ column: Column, _ runs: [SimulationResult]
    ) -> LatencyCoefficient {
        let waits = runs.map { $0.rounds.map { Double($0.prefillEnded - $0.released) } }
        let p95 = LatencyQuantiles(exact: waits).p95
        return LatencyCoefficient(
            phase: .prefill, degree: column.degree, replicas: column.replicas, p95: p95,
            ratio: p95.value / (planningCase.service.ttft.inSeconds * 1e9), memoryWaitP95: 0,
            overloaded: runs.allSatisfy { $0.prefillUtilisation > 0.98 })
    }

    private func decodeCoefficient(
        _ column: Column, _ runs: [SimulationResult]
    ) -> LatencyCoefficient {
        let p95 = LatencyQuantiles(histograms: runs.map(\.gaps)).p95
        let wait = LatencyQuantiles(exact: runs.map { $0.rounds.map { Double($0.memoryWait) } }).p95
        return LatencyCoefficient(
            phase: .decode, degree: column.degree, replicas: column.replicas, p95: p95,
            ratio: p95.value / (planningCase.service.itl.inSeconds * 1e9),
            memoryWaitP95: wait.value,
            overloaded: wait.value > planningCase.service.ttft.inSeconds * 1e9)
    }
}

extension CostModel {
    /// Costs at a degree that the model was built for.
    func require(_ degree: TensorParallelDegree) -> WorkerCosts {
        guard let costs = worker(degree) else {
            preconditionFailure("the cost model was built for every candidate degree")
        }
        return costs
    }
}
