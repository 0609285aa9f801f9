public import CostModeling
import Scheduling
public import ServingDomain
public import Simulation

/// Simulates one deployment of a case as a whole cluster.
public struct DeploymentSimulation: Sendable {
    public let question: LayoutQuestion
    public let costs: CostModel
    public let measure: Replications.Measure
    public let jobs: Int
    let replications: Replications

    public init(planningCase: Case, costs: CostModel, jobs: Int) {
        self.init(question: LayoutQuestion(planningCase), costs: costs, jobs: jobs)
    }

    public init(
        question: LayoutQuestion, costs: CostModel, measure: Replications.Measure = .steady,
        jobs: Int
    ) {
        self.question = question
        self.costs = costs
        self.measure = measure
        self.jobs = jobs
        replications = Replications(question, measure: measure, jobs: jobs)
    }

    /// Runs every replication of `deployment`.
    ///
    /// Co-located workers serve as vLLM V1 does where the policy is made for prefill workers. A policy
    /// that decides by a table and has none gets one that is simulated first.
    /// In overload the report's attainment is that of the case's finite horizon.
    ///
    /// - Parameters:
    ///   - deployment: what is simulated.
    ///   - length: how long to go on; nil for as many replications as the case asks for.
    /// - Returns: what the deployment does to its sessions.
    /// - Precondition: the cost model was built for every degree of the deployment, and its serving
    ///   workers make up whole engines (`EngineBehaviour.obstacles(to:)`).
    public func run(
        _ deployment: Deployment, until length: RunLength? = nil
    ) async -> ServingReport {
        await replications.report(await completeSetup(deployment), until: length)
    }

    /// Runs every replication one after the other and shows each measured round when it ends, with
    /// the number of its replication from 0.
    public func run(
        _ deployment: Deployment, eachRound: (Int, RoundOutcome) -> Void
    ) async -> ServingReport {
        let (replications, setup) = (replications, await completeSetup(deployment))
        let runs = withoutActuallyEscaping(eachRound) { show in
            (0..<replications.planning.replications).map { replication in
                replications.run(setup, replication) { show(replication, $0) }
            }
        }
        return await replications.report(runs, of: setup)
    }

    /// Runs one replication on the calling thread and shows each measured round when it ends.
    ///
    /// - Precondition: as for `run(_:until:)`, and the policy decides by no table.
    package func run(
        _ deployment: Deployment, replication: Int, eachRound: (RoundOutcome) -> Void
    ) -> SimulationResult {
        withoutActuallyEscaping(eachRound) { show in
            replications.run(setup(deployment), replication) { show($0) }
        }
    }

    /// The cluster, with the table that its policy decides by simulated where the case has none.
    func completeSetup(
        _ deployment: Deployment, under name: ServingPolicy.Name? = nil
    ) async -> ClusterSetup {
        var setup = setup(deployment, under: name)
        if setup.policy.definition.usesTable, setup.policy.table == nil {
            setup.policy.table = await PolicyTableSimulation(
                question: question, costs: costs, jobs: jobs
            ).table(for: deployment)
        }
        return setup
    }

    /// The cluster under another policy than that of the question where one is named.
    package func setup(
        _ deployment: Deployment, under name: ServingPolicy.Name? = nil
    ) -> ClusterSetup {
        var policy = question.policy
        if let name { policy.name = name }
        if deployment.prefillGroups.isEmpty, policy.definition.layout != .colocated {
            policy.name = .colocatedV1
        }
        let behaviour = question.engine.behaviour.following(deployment)
        let prefill = deployment.prefillGroups.flatMap { group in
            Array(
                repeating: group.kind,
                count: group.parallelism.split == nil
                    ? group.replicas / behaviour.prefillRanks : group.replicas)
        }
        let serving = deployment.servingGroups.flatMap { group in
            Array(repeating: group.kind, count: group.replicas * group.parallelism.data)
        }
        let pools = Set(deployment.allGroups.map(\.pool))
        var setup = ClusterSetup(
            prefill: .workers(prefill.map(costs.requirePrefill)),
            decode: .workers(
                serving.map { kind in
                    ClusterSetup.DecodeSeat(
                        costs: costs.require(kind), capacity: question.kvCapacity(kind))
                }),
            transfer: costs.transfer(among: pools), policy: policy, service: question.service,
            blockSize: question.engine.blockSize, maxSequences: question.engine.maxSequences,
            tokenBudget: question.engine.tokenBudget)
        setup.follow(behaviour)
        setup.keptBeside = question.keptBeside(on: serving)
        setup.prefillMemory = prefill.map(question.prefillKVCapacity)
        if let planningCase = question.planningCase {
            setup.host = planningCase.hostTier(of: Set(serving.map(\.pool)))
            setup.contention = planningCase.transfer.contention
            setup.placement = placement(
                prefill: prefill, serving: serving, ranks: behaviour.prefillRanks, in: planningCase)
        }
        return setup
    }

    /// Nodes of the workers; a prefill worker stands where its first rank does.
    private func placement(
        prefill: [WorkerKind], serving: [WorkerKind], ranks: Int, in planningCase: Case
    ) -> WorkerPlacement {
        let ofRanks = prefill.flatMap { Array(repeating: $0, count: ranks) }
        let nodes = planningCase.nodes(for: ofRanks + serving)
        return .nodes(
            prefill: stride(from: 0, to: ofRanks.count, by: ranks).map { nodes[$0] },
            serving: Array(nodes.dropFirst(ofRanks.count)))
    }
}
