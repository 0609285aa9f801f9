public import CostModeling
import Scheduling
public import ServingDomain
import Simulation

/// Simulates what a policy table holds: later rounds prefilled remotely and where they decode.
///
/// For each class and rate the smallest cluster with workers in a layout's proportions runs twice,
/// under `always_remote` and under `always_local_after_first`, with the same sessions.
public struct PolicyTableSimulation: Sendable {
    /// Rounds per second and serving worker: the ten points of the vllm-ppd benchmark, shared by
    /// its two decode workers.
    public static let rates = [0.25, 0.5, 1, 2, 3, 4, 5, 6, 8, 10]
    /// Sessions of one run, of which the middle half counts.
    static let sessions = 400

    public let question: LayoutQuestion
    public let costs: CostModel
    /// Most simulations at the same time; the result does not depend on it.
    public let jobs: Int

    public init(planningCase: Case, costs: CostModel, jobs: Int) {
        self.init(question: LayoutQuestion(planningCase), costs: costs, jobs: jobs)
    }

    public init(question: LayoutQuestion, costs: CostModel, jobs: Int) {
        self.question = question
        self.costs = costs
        self.jobs = jobs
    }

    /// The table for clusters with workers in the proportions of `deployment`.
    ///
    /// Classes whose sessions fit into no worker have no entry.
    /// - Precondition: the deployment is disaggregated, and the cost model was built for its degrees.
    public func table(
        for deployment: Deployment, rates: [Double] = Self.rates
    ) async -> PolicyTable {
        let layout = deployment.smallestInProportion(
            inEnginesOf: ranks(deployment.servingGroups, \.dataParallelRanks),
            prefillRanks: ranks(deployment.prefillGroups, \.prefillRanks))
        let (remote, local) = (
            setup(layout, .alwaysRemote), setup(layout, .alwaysLocalAfterFirst)
        )
        let probes = ContextClass.allCases.flatMap { context in
            RoundShape.allCases.flatMap { shape in
                rates.map { RoundProbe(context: context, shape: shape, rate: $0) }
            }
        }
        let seed = question.planning.seed
        let entries = await mapConcurrently(probes, jobs: jobs) { probe in
            func latencies(_ setup: ClusterSetup) -> PolicyTable.Latencies? {
                probe.latencies(in: setup, sessions: Self.sessions, seed: seed)
            }
            return latencies(remote).flatMap { remote in
                latencies(local).map { local in
                    PolicyTable.Entry(
                        context: probe.context, shape: probe.shape, rate: probe.rate,
                        remote: remote, local: local)
                }
            }
        }
        return PolicyTable(
            layout: layout.description,
            source: "\(platform), costs "
                + "\(costs.trust.headline.rawValue), seed \(seed)",
            entries: entries.compactMap { $0 })
    }

    /// Workers of one engine; those with records are engines by themselves.
    private func ranks(
        _ groups: [WorkerGroup], _ ofEngine: KeyPath<EngineBehaviour, Int>
    ) -> Int {
        groups.first?.parallelism.split == nil ? question.engine.behaviour[keyPath: ofEngine] : 1
    }

    /// What the table was simulated for.
    private var platform: String {
        question.planningCase.map { planningCase in
            let gpus = planningCase.pools.map(\.hardware.name).reduce(into: [String]()) {
                if !$0.contains($1) { $0.append($1) }
            }
            return "\(planningCase.model.name) on \(gpus.joined(separator: " and "))"
        } ?? "no named GPU"
    }

    private func setup(_ layout: Deployment, _ policy: ServingPolicy.Name) -> ClusterSetup {
        var setup = DeploymentSimulation(
            question: question, costs: costs, jobs: jobs
        ).setup(layout)
        setup.localPrefill = setup.policy.definition.localPrefill ?? setup.localPrefill
        setup.policy.name = policy
        return setup
    }
}

extension Deployment {
    /// The smallest cluster with workers in the same proportions, and whole engines of so many
    /// serving and prefill workers.
    public func smallestInProportion(
        inEnginesOf ranks: Int = 1, prefillRanks: Int = 1
    ) -> Deployment {
        func divisor(_ lhs: Int, _ rhs: Int) -> Int { rhs == 0 ? lhs : divisor(rhs, lhs % rhs) }
        let engines =
            servingGroups.map { $0.replicas / ranks }
            + prefillGroups.map { $0.replicas / prefillRanks }
        let common = max(1, (engines + allGroups.map(\.replicas)).reduce(0, divisor))
        func reduced(_ groups: [WorkerGroup]) -> [WorkerGroup] {
            groups.map {
                WorkerGroup(
                    pool: $0.pool, parallelism: $0.parallelism, replicas: $0.replicas / common)
            }
        }
        return switch self {
        case .disaggregated(let prefill, let decode):
            .disaggregated(prefill: reduced(prefill), decode: reduced(decode))
        case .colocated(let groups): .colocated(reduced(groups))
        }
    }
}
