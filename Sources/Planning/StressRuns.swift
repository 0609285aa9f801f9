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
        let simulation = DeploymentSimulation(planningCase: changed, costs: costs, jobs: jobs)
        var worst: StressOutcome?
        for left in stress.remaining(layout, planningCase) {
            var report: ServingReport?
            if let left { report = await simulation.run(left) }
            let outcome = StressOutcome(
                stress: stress, deployment: left, report: report,
                checks: report.map { TargetCheck.all($0, changed.service) } ?? [])
            if worst.map({ outcome.isWorse(than: $0, changed.service) }) ?? true {
                worst = outcome
            }
        }
        return worst
    }
}

extension StressOutcome {
    fileprivate func isWorse(than other: Self, _ service: ServiceLevel) -> Bool {
        func key(_ outcome: Self) -> (Int, Double) {
            let verdict =
                switch outcome.verdict {
                case .fail: 0
                case .undecided: 1
                case .pass: 2
                }
            return (
                outcome.report == nil ? -1 : verdict,
                outcome.report?.attainment[service.headline]?.value ?? 0
            )
        }
        return key(self) < key(other)
    }
}
