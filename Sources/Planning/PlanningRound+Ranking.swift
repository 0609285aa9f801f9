import ServingDomain
import Simulation

/// Layouts that were simulated, as plans in their order.
extension PlanningRound {
    mutating func plan(
        _ deployment: Deployment, _ choice: DeploymentChoice?
    ) async -> RankedPlan {
        let report = await finalists.report(deployment)
        var plan = RankedPlan(
            deployment: deployment, milpRank: choice?.rank, milpValue: choice?.value,
            report: report, checks: TargetCheck.all(report, planningCase.service),
            attainment: report.attainment[planningCase.service.headline]
                ?? Estimate(value: 0, low: 0, high: 1))
        plan.usdPerHour = planningCase.pricePerHour(of: deployment)
        plan.survival = await survival(of: plan)
        return plan
    }

    /// What a layout does without one of its workers, or a node; nil where it need not stand that, nothing
    /// of a layout that misses its targets anyway.
    private func survival(of plan: RankedPlan) async -> [StressOutcome]? {
        guard planningCase.planning.survivedLosses > 0 else { return nil }
        guard plan.verdict != .fail else { return [] }
        let runs = StressRuns(planningCase: planningCase, costs: costs, jobs: jobs)
        var outcomes: [StressOutcome] = []
        for stress in Stress.all(plan.deployment, planningCase) where stress.isLoss {
            guard !Task.isCancelled else { break }
            progress(
                .simulation, "simulating \(plan.deployment) under \(stress.rawValue)")
            if let outcome = await runs.outcome(stress, on: plan.deployment) {
                outcomes.append(outcome)
            }
        }
        return outcomes
    }

    /// Plans in order, with equal ranks for those that cannot be told apart.
    ///
    /// The first of a rank is compared with those behind it; the first one that is told from it begins the
    /// next rank, which is its place in the order.
    func ranked(_ plans: [RankedPlan]) -> [RankedPlan] {
        var ordered = RankedPlan.ordered(plans)
        guard let best = ordered.first else { return [] }
        var leader = best
        for index in ordered.indices {
            if index > 0, isToldApart(ordered[index], from: leader) {
                leader = ordered[index]
                ordered[index].rank = index + 1
            } else if index > 0 {
                ordered[index].rank = ordered[index - 1].rank
            }
            if index > 0 {
                ordered[index].gap = finalists.gap(
                    from: best.deployment, to: ordered[index].deployment)
            }
            if ordered[index].rank == index + 1 { leader = ordered[index] }
        }
        return ordered
    }

    private func isToldApart(_ plan: RankedPlan, from leader: RankedPlan) -> Bool {
        if plan.survivalStanding != leader.survivalStanding { return true }
        if plan.report.isOverloaded != leader.report.isOverloaded { return true }
        if let gap = finalists.gap(from: leader.deployment, to: plan.deployment) {
            return gap.isSignificant
        }
        return plan.attainment.high < leader.attainment.low
    }
}
