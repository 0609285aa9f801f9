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
    /// Which layouts are simulated as whole clusters.
    public enum Survey: String, Hashable, Sendable {
        /// Those that the integer program proposes, and the co-located ones.
        case proposals
        /// Every layout of equal workers in each phase that takes all GPUs of the budget.
        case exhaustive
        /// The same, and what the proposals alone would have missed.
        case audit
    }

    /// Called as the search goes on; never part of the result.
    public let progress: @Sendable (PlanningProgress) -> Void

    public init(
        planningCase: Case, costs: CostModel, jobs: Int,
        progress: @escaping @Sendable (PlanningProgress) -> Void = { _ in }
    ) {
        self.planningCase = planningCase
        self.costs = costs
        self.jobs = jobs
        self.progress = progress
    }

    /// Solves the integer program, simulates its best deployments and the co-located ones, and
    /// ranks them by attainment; where GPUs or the rate are looked for, for as many budgets or rates as
    /// it takes (`PlanSearch`).
    ///
    /// A cluster that cannot hold a prefill and a decode worker gets co-located plans alone, and so
    /// does a policy that never uses prefill workers. Where the engine refuses what the policy needs, the
    /// nearest case that it can run is planned as well.
    ///
    /// - Parameter survey: which layouts are simulated; only proposals where GPUs or the rate are looked
    ///   for.
    /// - Returns: the layouts, best first.
    /// - Throws: where there is no layout, or no search for this case.
    public func plan(_ survey: Survey = .proposals) async throws(PlanningError) -> PlanResult {
        var result = try await plan(planningCase, survey)
        guard !planningCase.planning.ignoresEngineRules, let adaptation = planningCase.adaptation
        else { return result }
        do {
            let runnable = try await plan(adaptation.planningCase, .proposals)
            result.runnable = RunnablePlans(adaptation, runnable)
            if runnable.isInterrupted { result.isInterrupted = true }
        } catch .interrupted {
            result.isInterrupted = true
        }
        return result
    }

    private func plan(
        _ planningCase: Case, _ survey: Survey
    ) async throws(PlanningError) -> PlanResult {
        let search = PlanSearch(
            planningCase: planningCase, costs: costs, jobs: jobs,
            progress: ProgressReport(progress))
        switch planningCase.planning.objective {
        case .slo, .seconds, .paper:
            let budget = LayoutBudget(gpus: planningCase.gpuBudget)
            var round = try await search.round(planningCase)
            return switch survey {
            case .proposals: try await round.result(within: budget)
            case .exhaustive: try await round.screened(within: budget)
            case .audit: try await round.audited(within: budget)
            }
        case .minGPUs: return try await search.leastSpent(.gpus)
        case .minCost:
            let prices = planningCase.prices(upTo: planningCase.gpuBudget)
            return try await search.leastSpent(prices.isEmpty ? .gpus : .dollars(prices))
        case .maxRate: return try await search.largestRate()
        }
    }
}
