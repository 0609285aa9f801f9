import CostModeling
import Scheduling
public import ServingDomain
public import Simulation
import Workloads

/// P95 latency of one replica that shares its phase's load with others, over its target.
public struct LatencyCoefficient: Hashable, Sendable {
    public let phase: Phase
    public let degree: TensorParallelDegree
    /// Replicas that share the load of the phase.
    public var replicas: Int
    /// P95 of TTFT (queue and compute) or ITL in nanoseconds.
    public let p95: Estimate
    /// `p95` over the phase's target: the pressure that the integer program minimises.
    public var ratio: Double
    /// P95 of TTFT, or of the time that a round decodes, in seconds.
    public var seconds: Double
    /// Tokens of KV memory on all replicas (decode only).
    public var kvTokens: Int
    /// P95 wait for KV memory on the replica in nanoseconds; not part of `p95` (decode only).
    public let memoryWaitP95: Double
    /// Whether the replica cannot keep up with its share of the load.
    public let overloaded: Bool

    /// The same figures for another replica count of the chain; the ratio of one that cannot keep
    /// up grows with the load that each replica gets.
    fileprivate func carried(to replicas: Int) -> Self {
        var copy = self
        copy.replicas = replicas
        copy.kvTokens = kvTokens / self.replicas * replicas
        guard overloaded else { return copy }
        let share = Double(self.replicas) / Double(replicas)
        copy.ratio = ratio * share
        copy.seconds = seconds * share
        return copy
    }

    /// A replica that cannot keep up misses its target, however short its steps are.
    fileprivate var missingIfOverloaded: Self {
        var copy = self
        if overloaded { copy.ratio = max(ratio, 1) }
        return copy
    }
}

/// Simulates each replica alone: tau[phase, degree, replicas] (docs/semantics.md).
///
/// The other phase, transfers and tool time are infinite servers with unloaded durations at the
/// largest candidate degree. Where there are several nodes the transfers run between nodes.
struct LatencyCoefficients {
    let planningCase: Case
    let costs: CostModel
    let degrees: [TensorParallelDegree]
    let jobs: Int
    /// Most GPUs of a layout.
    let budget: Int

    private struct Column: Sendable {
        let phase: Phase
        let degree: TensorParallelDegree
        let replicas: Int
    }

    /// Every coefficient that a deployment within the GPU budget could use.
    func simulate() async -> [LatencyCoefficient] {
        await mapConcurrently(chains, jobs: jobs) { simulate($0) }.flatMap { $0 }
    }

    /// How many columns there are, if every one had to be simulated.
    var count: Int { chains.reduce(0) { $0 + $1.count } }

    /// The columns of one phase and degree, by increasing replica count.
    private var chains: [[Column]] {
        let smallest = degrees.map(\.value).min() ?? 1
        return Phase.allCases.flatMap { phase in
            degrees.map { degree in
                Self.replicaCounts(upTo: (budget - smallest) / degree.value).map {
                    Column(phase: phase, degree: degree, replicas: $0)
                }
            }
        }
    }

    /// Every count up to 64, then steps of a sixteenth, and the largest.
    static func replicaCounts(upTo most: Int) -> [Int] {
        var counts = Array(1..<(max(0, min(most, 64)) + 1))
        while let last = counts.last, last < most { counts.append(min(most, last + last / 16)) }
        return counts
    }

    /// Simulates a chain, without what can be told from its ends.
    ///
    /// More replicas never see more load each. So below the first count that keeps up none does,
    /// and once a coefficient is within half a per cent of the last one, those between are too;
    /// they get the last one's figures. Short chains are simulated whole.
    private func simulate(_ chain: [Column]) -> [LatencyCoefficient] {
        guard chain.count > 8, let last = chain.last else { return chain.map { coefficient($0) } }
        let unloaded = coefficient(last)
        var known: [Int: LatencyCoefficient] = [chain.count - 1: unloaded]
        func at(_ index: Int) -> LatencyCoefficient {
            let found = known[index] ?? coefficient(chain[index])
            known[index] = found
            return found
        }
        let stable = Self.first(in: 0..<chain.count) { !at($0).overloaded }
        let level = Self.first(in: stable..<chain.count) { at($0).ratio <= 1.005 * unloaded.ratio }
        return chain.indices.map { index in
            if index < stable { return at(max(0, stable - 1)).carried(to: chain[index].replicas) }
            return index > level
                ? unloaded.carried(to: chain[index].replicas) : at(index)
        }
    }

    /// The first index of which `holds` is true, if it stays true from there; else the last.
    private static func first(in range: Range<Int>, where holds: (Int) -> Bool) -> Int {
        var (low, high) = (range.lowerBound, range.upperBound - 1)
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return min(low, range.upperBound - 1)
    }

    private func coefficient(_ column: Column) -> LatencyCoefficient {
        let replications = Replications(
            planningCase, rate: planningCase.workload.rate / column.replicas,
            arrivals: planningCase.planning.dispatch == .roundRobin
                ? .everyKth(column.replicas) : .thinned(column.replicas),
            jobs: 1)
        let setup = setup(column)
        let runs = (0..<planningCase.planning.replications).map { replications.run(setup, $0) }
        let found =
            column.phase == .prefill
            ? prefillCoefficient(column, runs) : decodeCoefficient(column, runs)
        return found.missingIfOverloaded
    }

    private func setup(_ column: Column) -> ClusterSetup {
        let largest = degrees.max() ?? column.degree
        let seat = ClusterSetup.DecodeSeat(
            costs: costs.require(column.degree),
            capacity: planningCase.kvCapacity(column.degree).tokens)
        var policy = planningCase.policy
        policy.name = policy.definition.order == .mostInTime ? .ampdReordering : .alwaysRemote
        var setup = ClusterSetup(
            prefill: column.phase == .prefill
                ? .workers([costs.requirePrefill(column.degree)])
                : .unlimited(costs.requirePrefill(largest)),
            decode: column.phase == .decode
                ? .workers([seat]) : .unlimited(costs.require(largest)),
            transfer: costs.transfer, policy: policy, service: planningCase.service,
            blockSize: planningCase.engine.blockSize,
            maxSequences: planningCase.engine.maxSequences,
            tokenBudget: planningCase.engine.tokenBudget)
        setup.measuresDecodeTimes = column.phase == .decode
        setup.follow(planningCase.engine.behaviour)
        setup.followSteps(of: planningCase.policy)
        setup.prefillMemory = [planningCase.prefillKVCapacity(column.degree).tokens]
        setup.host = planningCase.hostTier
        setup.placement = .alike(planningCase.cluster.widestLink)
        return setup
    }

    private func prefillCoefficient(
        _ column: Column, _ runs: [SimulationResult]
    ) -> LatencyCoefficient {
        let (p95, ratio) = pressure(
            runs, .p95(runs.map(\.untilPrefilled)), bound: \.ttft
        ) { place in .p95(runs.map { $0.tenants[place].untilPrefilled }) }
        return LatencyCoefficient(
            phase: .prefill, degree: column.degree, replicas: column.replicas, p95: p95,
            ratio: ratio, seconds: p95.value / 1e9, kvTokens: 0, memoryWaitP95: 0,
            overloaded: isOverloaded(runs))
    }

    private func decodeCoefficient(
        _ column: Column, _ runs: [SimulationResult]
    ) -> LatencyCoefficient {
        let (p95, ratio) = pressure(runs, .p95(runs.map(\.gaps)), bound: \.itl) { place in
            .p95(runs.map { $0.tenants[place].gaps })
        }
        let wait = Estimate.p95(runs.map(\.memoryWait))
        return LatencyCoefficient(
            phase: .decode, degree: column.degree, replicas: column.replicas, p95: p95,
            ratio: ratio, seconds: Estimate.p95(runs.map(\.decodeTime)).value / 1e9,
            kvTokens: planningCase.kvCapacity(column.degree).tokens.value * column.replicas,
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

extension CostModel {
    /// Costs at a degree that the model was built for.
    func require(_ degree: TensorParallelDegree) -> WorkerCosts {
        guard let costs = worker(degree) else {
            preconditionFailure("the cost model was built for every candidate degree")
        }
        return costs
    }

    /// Costs of a prefill worker at a degree that the model was built for.
    func requirePrefill(_ degree: TensorParallelDegree) -> WorkerCosts {
        guard let costs = prefillWorker(degree) else {
            preconditionFailure("the cost model was built for every candidate degree")
        }
        return costs
    }
}
