public import CostModeling
import Scheduling
public import ServingDomain
import Simulation
import Workloads

/// Finds, simulates and ranks the deployments of a case.
public struct Planner: Sendable {
    public let planningCase: Case
    public let costs: CostModel
    /// Most simulations at the same time; the result does not depend on it.
    public let jobs: Int
    /// Called with a line of progress; never part of the result.
    public let progress: @Sendable (String) -> Void

    public init(
        planningCase: Case, costs: CostModel, jobs: Int,
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.planningCase = planningCase
        self.costs = costs
        self.jobs = jobs
        self.progress = progress
    }

    /// Solves the integer program, simulates its best deployments and the co-located ones, and
    /// ranks them by attainment.
    ///
    /// A cluster that cannot hold a prefill and a decode worker gets co-located plans alone, and so
    /// does a policy that never uses prefill workers.
    public func plan() async throws(PlanningError) -> PlanResult {
        let behaviour = planningCase.engine.behaviour
        for (ranks, key) in [
            (behaviour.dataParallelRanks, "engine.data_parallel_ranks"),
            (behaviour.prefillRanks, "engine.prefill_data_parallel_ranks"),
        ]
        where ranks != 1 {
            throw .dataParallelRanks(ranks, key: key)
        }
        let candidates = try candidates()
        let (coefficients, selection) = try await disaggregated(candidates.degrees)
        let layouts =
            (selection?.choices ?? []).map { ($0.deployment, Optional($0)) }
            + colocated(candidates.degrees).map { ($0, nil) }
        var simulated: [RankedPlan] = []
        for (index, (deployment, choice)) in layouts.enumerated() {
            progress("simulating \(deployment) (\(index + 1) of \(layouts.count))")
            simulated.append(await evaluate(deployment, choice))
        }
        return PlanResult(
            planningCase: planningCase, costs: costs, coefficients: coefficients,
            selection: selection, plans: Self.ranked(simulated),
            rejected: candidates.rejected
                + (selection?.rejected ?? obstacle(candidates.degrees).map { [$0] } ?? []))
    }

    /// Coefficients and the best disaggregated layouts; none where two workers do not fit.
    private func disaggregated(
        _ degrees: [TensorParallelDegree]
    ) async throws(PlanningError) -> ([LatencyCoefficient], DeploymentSelection?) {
        guard obstacle(degrees) == nil else { return ([], nil) }
        let columns = LatencyCoefficients(
            planningCase: planningCase, costs: costs, degrees: degrees, jobs: jobs)
        progress("simulating one replica at up to \(columns.count) degrees and load shares")
        let coefficients = await columns.simulate()
        progress("solving the integer program over \(coefficients.count) columns")
        let program = DeploymentProgram(
            coefficients: coefficients, cluster: planningCase.cluster)
        return (coefficients, try program.best(planningCase.planning.finalists))
    }

    /// Why no prefill worker is planned; nil where there can be some.
    private func obstacle(_ degrees: [TensorParallelDegree]) -> Rejection? {
        if !planningCase.policy.definition.usesPrefillWorkers {
            return Rejection(
                layout: "P+D",
                reason: "policy \(planningCase.policy.name.rawValue) prefills where it decodes, so "
                    + "that prefill workers would stand idle")
        }
        let smallest = degrees.map(\.value).min() ?? 1
        guard 2 * smallest > planningCase.cluster.gpus.value else { return nil }
        return Rejection(
            layout: "P+D",
            reason: "a prefill and a decode worker take at least \(2 * smallest) GPUs together, "
                + "the cluster has \(planningCase.cluster.gpus)")
    }

    private func candidates() throws(PlanningError) -> CandidateDegrees {
        let context = Replications(planningCase, jobs: 1).longestContext(percent: 95)
        let candidates = CandidateDegrees(planningCase, contextP95: context)
        guard !candidates.degrees.isEmpty else { throw .nothingFits(candidates.rejected) }
        return candidates
    }

    /// The whole cluster as co-located workers, at each degree.
    private func colocated(_ degrees: [TensorParallelDegree]) -> [Deployment] {
        degrees.map { degree in
            let replicas = planningCase.cluster.room(for: degree)
            return .colocated([
                WorkerGroup(parallelism: Parallelism(tensor: degree), replicas: replicas)
            ])
        }
    }

    private func evaluate(
        _ deployment: Deployment, _ choice: DeploymentChoice?
    ) async -> RankedPlan {
        let simulation = DeploymentSimulation(
            planningCase: planningCase, costs: costs, jobs: jobs)
        let report = await simulation.run(deployment)
        return RankedPlan(
            deployment: deployment, milpRank: choice?.rank, milpValue: choice?.value,
            report: report, checks: TargetCheck.all(report, planningCase.service),
            attainment: report.attainment[planningCase.service.headline]
                ?? Estimate(value: 0, low: 0, high: 1))
    }

    /// Layouts that keep up first; by attainment (in overload over one and the same horizon), then by the worse of P95 over target, then fewer
    /// GPUs, then the name.
    private static func ranked(_ plans: [RankedPlan]) -> [RankedPlan] {
        plans.sorted { lhs, rhs in
            if lhs.report.isOverloaded != rhs.report.isOverloaded { return rhs.report.isOverloaded }
            if lhs.attainment.value != rhs.attainment.value {
                return lhs.attainment.value > rhs.attainment.value
            }
            if lhs.pressure != rhs.pressure { return lhs.pressure < rhs.pressure }
            return (lhs.deployment.gpus, lhs.deployment.description)
                < (rhs.deployment.gpus, rhs.deployment.description)
        }
    }
}
