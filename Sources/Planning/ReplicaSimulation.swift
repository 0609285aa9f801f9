import CostModeling
import Scheduling
import ServingDomain
import Simulation
import Workloads

/// Simulates each replica alone: tau[phase, degree, replicas] (docs/semantics.md).
///
/// The other phase, transfers and tool time are infinite servers with unloaded durations of the largest
/// candidate, the first of several. Where there are several nodes or pools the transfers run between nodes,
/// over the slowest links of all pools.
struct ReplicaSimulation: Sendable {
    let planningCase: Case
    let costs: CostModel
    let candidates: CandidateWorkers
    /// Of the whole load.
    let replications: Replications

    /// Coefficients of several columns, in their order.
    ///
    /// A column whose first run says for itself that it does not keep up has no further ones.
    func coefficients(_ columns: [ReplicaColumn], jobs: Int) async -> [LatencyCoefficient] {
        let replicas = columns.map { column in
            let alone = replications.arriving(
                at: planningCase.workload.rate / column.replicas,
                as: planningCase.planning.dispatch == .roundRobin
                    ? .everyKth(column.replicas) : .thinned(column.replicas))
            return (replications: alone, setup: NamedSetup(setup(column)))
        }
        let first = await mapConcurrently(replicas, jobs: jobs) {
            $0.replications.run($0.setup, 0)
        }
        let further = zip(columns, first).enumerated().flatMap { place, pair in
            (1..<max(1, Backlog([pair.1]).isOverloaded ? 1 : planningCase.planning.replications))
                .map { (place: place, replication: $0) }
        }
        let results = await mapConcurrently(further, jobs: jobs) {
            let (replications, setup) = replicas[$0.place]
            return replications.run(setup, $0.replication)
        }
        var runs = first.map { [$0] }
        for (task, result) in zip(further, results) { runs[task.place].append(result) }
        return zip(columns, runs).map { column, runs in
            column.phase == .prefill
                ? prefillCoefficient(column, runs).missingIfOverloaded
                : decodeCoefficient(column, runs).missingIfOverloaded
        }
    }

    func setup(_ column: ReplicaColumn) -> ClusterSetup {
        let behaviour = planningCase.engine.behaviour.following(column.alone)
        let question = LayoutQuestion(planningCase)
        let seats = Array(
            repeating: ClusterSetup.DecodeSeat(
                costs: costs.require(column.kind), capacity: question.kvCapacity(column.kind)),
            count: column.phase == .decode ? column.kind.parallelism.data : 0)
        let other = partner(of: column)
        var policy = planningCase.policy
        policy.name = policy.definition.order == .mostInTime ? .ampdReordering : .alwaysRemote
        var setup = ClusterSetup(
            prefill: column.phase == .prefill
                ? .workers([costs.requirePrefill(column.kind)])
                : .unlimited(costs.requirePrefill(other)),
            decode: column.phase == .decode
                ? .workers(seats) : .unlimited(costs.require(other)),
            transfer: costs.transfer(among: pools), policy: policy,
            service: planningCase.service,
            blockSize: planningCase.engine.blockSize,
            maxSequences: planningCase.engine.maxSequences,
            tokenBudget: planningCase.engine.tokenBudget)
        setup.measuresDecodeTimes = column.phase == .decode
        setup.follow(behaviour)
        setup.followSteps(of: planningCase.policy)
        setup.keptBeside = question.keptBeside(
            on: [column.phase == .decode ? column.kind : other])
        setup.prefillMemory = [question.prefillKVCapacity(column.kind)]
        setup.host = planningCase.hostTier(of: [column.kind.pool])
        setup.placement = .alike(
            pools.count > 1 ? .interNode : planningCase.widestLink(in: column.kind.pool))
        return setup
    }

    /// Where workers of either phase may stand: KV cache crosses between all of them, whichever are taken.
    private var pools: Set<String> {
        Set((candidates.prefill + candidates.decode).map(\.pool))
    }

    /// The worker that stands for the whole other phase.
    private func partner(of column: ReplicaColumn) -> WorkerKind {
        let others = candidates.kinds(of: column.phase == .prefill ? .decode : .prefill)
        return others.reduce(others.first ?? column.kind) { $1.gpus > $0.gpus ? $1 : $0 }
    }

    private func prefillCoefficient(
        _ column: ReplicaColumn, _ runs: [SimulationResult]
    ) -> LatencyCoefficient {
        let (p95, ratio) = pressure(
            runs, .p95(runs.map(\.untilPrefilled)), bound: \.ttft
        ) { place in .p95(runs.map { $0.tenants[place].untilPrefilled }) }
        return LatencyCoefficient(
            phase: .prefill, kind: column.kind, replicas: column.replicas, p95: p95,
            ratio: ratio, seconds: p95.value / 1e9, kvTokens: 0, memoryWaitP95: 0,
            overloaded: isOverloaded(runs))
    }

    private func decodeCoefficient(
        _ column: ReplicaColumn, _ runs: [SimulationResult]
    ) -> LatencyCoefficient {
        let (p95, ratio) = pressure(runs, .p95(runs.map(\.gaps)), bound: \.itl) { place in
            .p95(runs.map { $0.tenants[place].gaps })
        }
        let wait = Estimate.p95(runs.map(\.memoryWait))
        return LatencyCoefficient(
            phase: .decode, kind: column.kind, replicas: column.replicas, p95: p95,
            ratio: ratio, seconds: Estimate.p95(runs.map(\.decodeTime)).value / 1e9,
            kvTokens: LayoutQuestion(planningCase).kvCapacity(column.kind).value
                * column.kind.parallelism.data * column.replicas,
            memoryWaitP95: wait.value,
            overloaded: isOverloaded(runs)
                || wait.value > planningCase.service.ttft.inSeconds * 1e9)
    }

    /// A P95 in nanoseconds and its ratio to the target; of the tenant nearest to its own where
    /// tenants have such.
    private func pressure(
        _ runs: [SimulationResult], _ all: Estimate,
        bound: ((ttft: Duration, itl: Duration)) -> Duration, ofTenant own: (Int) -> Estimate
    ) -> (p95: Estimate, ratio: Double) {
        let service = planningCase.service
        func pressure(_ p95: Estimate, of tenant: String) -> (p95: Estimate, ratio: Double) {
            (p95, p95.value / (bound(service.bounds(of: tenant)).inSeconds * 1e9))
        }
        let tenants = service.tenants.isEmpty ? [] : runs.first?.tenants ?? []
        let pressures = tenants.indices.map { pressure(own($0), of: tenants[$0].name) }
        return pressures.max { $0.ratio < $1.ratio } ?? pressure(all, of: "")
    }

    private func isOverloaded(_ runs: [SimulationResult]) -> Bool {
        Backlog(runs).isOverloaded
    }
}

extension ReplicaColumn {
    /// One of the replicas, for what its record says of the engine.
    var alone: Deployment {
        let group = [WorkerGroup(kind, 1)]
        return phase == .prefill
            ? .disaggregated(prefill: group, decode: []) : .colocated(group)
    }
}

extension CostModel {
    /// Costs of a kind that the model was built for.
    func require(_ kind: WorkerKind) -> WorkerCosts {
        guard let costs = worker(kind) else {
            preconditionFailure("the cost model was built for every candidate")
        }
        return costs
    }

    /// Costs of a prefill worker of a kind that the model was built for.
    func requirePrefill(_ kind: WorkerKind) -> WorkerCosts {
        guard let costs = prefillWorker(kind) else {
            preconditionFailure("the cost model was built for every candidate")
        }
        return costs
    }
}
