import CostModeling
import Scheduling
import ServingDomain
import Simulation

/// Everything that is known of a case at one rate: coefficients, and layouts that were simulated.
struct PlanningRound {
    let planningCase: Case
    let costs: CostModel
    let jobs: Int
    let progress: ProgressReport
    let candidates: CandidateWorkers
    /// Nil where no prefill worker is planned.
    var table: CoefficientTable?
    var finalists: Finalists

    /// Simulates the coefficients of all layouts within `budget`.
    ///
    /// - Throws: `nothingFits` where no worker does.
    init(
        _ planningCase: Case, costs: CostModel, jobs: Int, budget: LayoutBudget,
        progress: ProgressReport
    ) async throws(PlanningError) {
        self.planningCase = planningCase
        self.costs = costs
        self.jobs = jobs
        self.progress = progress
        finalists = Finalists(
            DeploymentSimulation(planningCase: planningCase, costs: costs, jobs: jobs),
            planningCase: planningCase, progress: progress)
        let context = Replications(planningCase, jobs: 1).longestContext(percent: 95)
        candidates = CandidateWorkers(planningCase, contextP95: context)
        guard !candidates.isEmpty else { throw .nothingFits(candidates.rejected) }
        guard Self.obstacle(planningCase, candidates, budget) == nil else {
            return
        }
        var table = CoefficientTable(
            ReplicaSimulation(
                planningCase: planningCase, costs: costs, candidates: candidates),
            within: planningCase.bounds(candidates, within: budget),
            spare: planningCase.planning.survivedLosses,
            mixes: planningCase.planning.mixesWorkers, jobs: jobs, progress: progress)
        progress(
            .coefficients,
            "simulating one replica at some of \(table.count) degrees and load shares")
        await table.begin()
        guard !Task.isCancelled else { throw .interrupted }
        self.table = table
    }

    /// The smallest layout, in GPUs.
    var leastGPUs: Int { candidates.leastGPUs }

    /// The layout that the integer program takes to meet every target within `budget` with the fewest GPUs
    /// or dollars; nil where there is none.
    mutating func proposal(
        of objective: Case.Planning.Objective, within budget: LayoutBudget
    ) async throws(PlanningError) -> Deployment? {
        guard table != nil, let best = try await known(1, objective, budget) else { return nil }
        return best.choices.first?.deployment
    }

    /// The best layouts within `budget` GPUs and the co-located ones, simulated and ranked.
    mutating func result(within budget: LayoutBudget) async throws(PlanningError) -> PlanResult {
        let obstacle = obstacle(within: budget)
        let selection = obstacle == nil ? try await select(within: budget) : nil
        let layouts = withIncumbent(
            (selection?.choices ?? []).map(\.deployment) + colocated(within: budget),
            within: budget)
        guard !layouts.isEmpty else {
            throw .noLayout(
                budget: budget.gpus, smallest: leastGPUs, fills: planningCase.planning.fillsBudget)
        }
        await finalists.compete(layouts)
        let found = obstacle == nil ? await climb(from: layouts, within: budget) : []
        return try await result(of: layouts + found, selection, obstacle)
    }

    /// What is better than the proposals around the best of them, where none serves nearly all that it is
    /// asked to.
    private func climb(from layouts: [Deployment], within budget: LayoutBudget) async
        -> [Deployment]
    {
        guard !Task.isCancelled, !finalists.isServed(layouts),
            let start = finalists.bestRun(of: layouts.filter { $0.homogeneousPair != nil })
        else { return [] }
        let climb = LayoutClimb(
            planningCase: planningCase,
            simulation: DeploymentSimulation(
                planningCase: planningCase, costs: costs, jobs: jobs),
            neighbours: LayoutNeighbours(
                candidates: candidates,
                bounds: planningCase.bounds(candidates, within: budget)),
            progress: progress)
        return await climb.run(
            from: start.layout, isSteady: start.isSteady, filledAsIn: start.run
        )
        .filter { !layouts.contains($0) }
    }

    /// Simulates and ranks layouts, each named once; where that is interrupted, those that have a run.
    mutating func result(
        of layouts: [Deployment], _ selection: DeploymentSelection?, _ obstacle: Rejection?
    ) async throws(PlanningError) -> PlanResult {
        progress(.simulation, "simulating \(layouts.map(\.description).joined(separator: " "))")
        await finalists.compete(layouts)
        let known = layouts.filter(finalists.isKnown)
        guard !known.isEmpty else { throw .interrupted }
        var plans: [RankedPlan] = []
        for deployment in known {
            let choice = selection?.choices.first { $0.deployment == deployment }
            plans.append(await plan(deployment, choice))
        }
        var result = PlanResult(
            planningCase: planningCase, costs: costs, coefficients: table?.known ?? [],
            selection: selection, plans: ranked(plans),
            rejected: candidates.rejected
                + refusedPairs + unrunnableIncumbent
                + (selection?.rejected ?? obstacle.map { [$0] } ?? []))
        result.isInterrupted = Task.isCancelled
        return result
    }

    /// The best solutions of the integer program.
    mutating func select(within budget: LayoutBudget) async throws(PlanningError)
        -> DeploymentSelection?
    {
        let planning = planningCase.planning
        let objective = planning.objective.spendsLeast ? .slo : planning.objective
        let selection = try await known(planning.finalists, objective, budget)
        progress(.program, "solved the integer program")
        return selection
    }

    /// The best solutions of the integer program, whose columns are all known; nil where GPUs are
    /// looked for and no number of them is enough.
    ///
    /// What they rest on is simulated first, as told by an enumeration that takes no solver.
    private mutating func known(
        _ count: Int, _ objective: Case.Planning.Objective, _ budget: LayoutBudget
    ) async throws(PlanningError) -> DeploymentSelection? {
        var isCandidate = true
        repeat {
            progress(.program)
            let program = program(objective, budget)
            guard !objective.spendsLeast || program.meetsTargets else { return nil }
            let selection = isCandidate ? nil : try program.best(count)
            let choices = selection?.choices ?? program.candidates(count)
            if await table?.refine(choices.flatMap(\.rests)) != true {
                if let selection { return selection }
                isCandidate = false
            }
            guard !Task.isCancelled else { throw .interrupted }
        } while true
    }

    func program(
        _ objective: Case.Planning.Objective, _ budget: LayoutBudget
    ) -> DeploymentProgram {
        var planning = planningCase.planning
        planning.objective = objective
        return DeploymentProgram(
            coefficients: table?.columns ?? [],
            within: planningCase.bounds(candidates, within: budget), planning: planning)
    }

    /// The same, and where no pair of columns fills the budget that has to be filled.
    func obstacle(within budget: LayoutBudget) -> Rejection? {
        if let known = Self.obstacle(planningCase, candidates, budget) { return known }
        guard !program(planningCase.planning.objective, budget).hasLayout else { return nil }
        let known = planningCase.forbiddenPairs(among: candidates).isEmpty
        let limit =
            budget.usdPerHour.map { "cost at most \($0) USD/h" }
            ?? "take exactly \(budget.gpus) GPUs"
        return Rejection(
            layout: "P+D",
            reason: "no prefill and decode workers "
                + (known ? "" : "that \(planningCase.engineName) lets stand beside each other ")
                + limit)
    }

    /// Why no prefill worker is planned; nil where there can be some.
    private static func obstacle(
        _ planningCase: Case, _ candidates: CandidateWorkers, _ budget: LayoutBudget
    ) -> Rejection? {
        if !planningCase.policy.definition.usesPrefillWorkers {
            return Rejection(
                layout: "P+D",
                reason: "policy \(planningCase.policy.name.rawValue) prefills where it decodes, so "
                    + "that prefill workers would stand idle")
        }
        guard let least = candidates.leastPair else {
            let phase = candidates.prefill.isEmpty ? "prefill" : "decode"
            return Rejection(layout: "P+D", reason: "no \(phase) worker can run")
        }
        guard least > budget.gpus else { return nil }
        return Rejection(
            layout: "P+D",
            reason: "a prefill and a decode worker take at least \(least) GPUs together, "
                + "and a layout may take \(budget.gpus)")
    }

    /// As many GPUs of the budget as co-located workers can take: of each kind alone and, where there are
    /// several pools, of the same degrees in all of them.
    func colocated(within budget: LayoutBudget) -> [Deployment] {
        let bounds = planningCase.bounds(candidates, within: budget)
        let alike = candidates.colocated.map(\.parallelism).reduce(into: [Parallelism]()) {
            if !$0.contains($1) { $0.append($1) }
        }
        let across = alike.map { parallelism in
            candidates.colocated.filter { $0.parallelism == parallelism }
        }
        let alone = candidates.colocated.map { [$0] }
        return (alone + across.filter { $0.count > 1 }).compactMap { kinds in
            let groups = kinds.reduce(into: [WorkerGroup]()) { groups, kind in
                let room = bounds.room(for: kind, beside: groups)
                if room > 0 { groups.append(WorkerGroup(kind, room)) }
            }
            return groups.count == kinds.count && bounds.holds(groups) ? .colocated(groups) : nil
        }
    }

    private mutating func plan(
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
    private func ranked(_ plans: [RankedPlan]) -> [RankedPlan] {
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
