public import CostModeling
import Scheduling
public import ServingDomain
public import Simulation

/// Simulates one deployment of a case as a whole cluster.
public struct DeploymentSimulation: Sendable {
    public let planningCase: Case
    public let costs: CostModel
    public let jobs: Int

    public init(planningCase: Case, costs: CostModel, jobs: Int) {
        self.planningCase = planningCase
        self.costs = costs
        self.jobs = jobs
    }

    /// Runs every replication of `deployment`.
    ///
    /// Co-located workers prefill locally whatever the policy; reordering is kept. A policy that
    /// decides by a table and has none gets one that is simulated first.
    /// In overload the report's attainment is that of the case's finite horizon.
    ///
    /// - Parameters:
    ///   - deployment: what is simulated.
    ///   - length: how long to go on; nil for as many replications as the case asks for.
    /// - Returns: what the deployment does to its sessions.
    /// - Precondition: the cost model was built for every degree of the deployment.
    public func run(
        _ deployment: Deployment, until length: RunLength? = nil
    ) async -> ServingReport {
        let setup = await completeSetup(deployment)
        return await Replications(planningCase, jobs: jobs).report(setup, until: length)
    }

    private func completeSetup(_ deployment: Deployment) async -> ClusterSetup {
        var setup = setup(deployment)
        if setup.policy.definition.usesTable, setup.policy.table == nil {
            setup.policy.table = await PolicyTableSimulation(
                planningCase: planningCase, costs: costs, jobs: jobs
            ).table(for: deployment)
        }
        return setup
    }

    func setup(_ deployment: Deployment) -> ClusterSetup {
        var policy = planningCase.policy
        let prefill: [WorkerCosts]
        let seats: [ClusterSetup.DecodeSeat]
        switch deployment {
        case .disaggregated(let prefillGroups, let decodeGroups):
            prefill = prefillGroups.flatMap { group in
                Array(repeating: costs.require(group.degree), count: group.replicas)
            }
            seats = decodeGroups.flatMap(self.seats)
        case .colocated(let groups):
            if policy.definition.layout != .colocated { policy.name = .alwaysLocal }
            prefill = []
            seats = groups.flatMap(self.seats)
        }
        var setup = ClusterSetup(
            prefill: .workers(prefill), decode: .workers(seats), transfer: costs.transfer,
            policy: policy, service: planningCase.service,
            blockSize: planningCase.engine.blockSize,
            maxSequences: planningCase.engine.maxSequences,
            tokenBudget: planningCase.engine.tokenBudget)
        setup.contention = planningCase.transfer.contention
        let nodes = planningCase.cluster.nodes(
            for: (prefill + seats.map(\.costs)).map(\.degree))
        setup.placement = .nodes(
            prefill: Array(nodes.prefix(prefill.count)),
            serving: Array(nodes.dropFirst(prefill.count)))
        return setup
    }

    private func seats(_ group: WorkerGroup) -> [ClusterSetup.DecodeSeat] {
        let seat = ClusterSetup.DecodeSeat(
            costs: costs.require(group.degree),
            capacity: planningCase.kvCapacity(group.degree).tokens)
        return Array(repeating: seat, count: group.replicas)
    }
}

extension WorkerGroup {
    var degree: TensorParallelDegree { parallelism.tensor }
}
