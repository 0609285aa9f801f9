import ServingDomain
import Simulation

/// Screens of every layout, and what the default search misses of them.
extension PlanningRound {
    /// The best of all layouts of equal workers that take exactly `budget` GPUs, and the co-located ones,
    /// simulated and ranked.
    mutating func screened(within budget: LayoutBudget) async throws(PlanningError) -> PlanResult {
        let obstacle = obstacle(within: budget)
        let selection = obstacle == nil ? try await select(within: budget) : nil
        let screen = try await screen(within: budget)
        let colocated = colocated(within: budget).filter { !screen.best.contains($0) }
        var result = try await result(
            of: withIncumbent(screen.best + colocated, within: budget), selection, obstacle)
        result.screen = screen
        return result
    }

    /// The same, with what the default search within `budget` GPUs would have missed.
    mutating func audited(within budget: LayoutBudget) async throws(PlanningError) -> PlanResult {
        var proposed = try await self.result(within: budget)
        do {
            return try await audited(proposed, within: budget)
        } catch .interrupted {
            proposed.isInterrupted = true
            return proposed
        }
    }

    private mutating func audited(
        _ proposed: PlanResult, within budget: LayoutBudget
    ) async throws(PlanningError) -> PlanResult {
        // Places in the order rest on the figures of every column.
        await table?.complete()
        var result = try await screened(within: budget)
        guard let chosen = proposed.plans.first, let best = result.plans.first else {
            preconditionFailure("a search without an error has plans")
        }
        // Both are known as well as each other.
        await finalists.settle([chosen.deployment, best.deployment])
        let gap = finalists.gap(from: chosen.deployment, to: best.deployment)
        let program = program(planningCase.planning.objective, budget)
        result.audit = SearchAudit(
            chosen: chosen.deployment, best: best.deployment,
            milpRank: obstacle(within: budget) == nil ? program.place(of: best.deployment) : nil,
            regret: gap?.difference)
        return result
    }

    private func screen(within budget: LayoutBudget) async throws(PlanningError) -> ScreenOutcome {
        let all = HomogeneousLayouts(
            candidates: candidates, bounds: planningCase.bounds(candidates, within: budget))
        let split = table == nil ? [] : all.split
        let promising = split.indices
            .map { (pressure: table?.pressure(split[$0]) ?? 0, place: $0) }
            .sorted { $0 < $1 }
            .map { split[$0.place] }
        let layouts = promising + all.colocated
        guard !layouts.isEmpty else {
            throw .noLayout(budget: budget.gpus, smallest: leastGPUs, fills: true)
        }
        return await Screening(
            planningCase: planningCase, simulation: simulation, jobs: jobs, progress: progress
        ).run(layouts)
    }
}
