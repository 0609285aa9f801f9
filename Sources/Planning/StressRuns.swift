import CostModeling
import ServingDomain
import Simulation

/// Simulates layouts under stresses.
struct StressRuns {
    let planningCase: Case
    let costs: CostModel
    var slowness = Stress.Slowness.assumed
    let jobs: Int

    /// What a layout does under a stress; nil where that does not apply to the workload.
    func outcome(_ stress: Stress, on layout: Deployment) async -> StressOutcome? {
        guard let changed = stress.changed(planningCase) else { return nil }
        let costs =
            stress == .slowerSteps
            ? costs.slowed(prefill: slowness.prefill, decode: slowness.decode) : costs
        let left = stress.remaining(layout, planningCase)
        var report: ServingReport?
        if let left {
            report = await DeploymentSimulation(
                planningCase: changed, costs: costs, jobs: jobs
            ).run(left)
        }
        return StressOutcome(
            stress: stress, deployment: left, report: report,
            checks: report.map { TargetCheck.all($0, changed.service) } ?? [])
    }
}
