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
    let simulation: DeploymentSimulation
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
        simulation = DeploymentSimulation(planningCase: planningCase, costs: costs, jobs: jobs)
        finalists = Finalists(simulation, planningCase: planningCase, progress: progress)
        let context = simulation.replications.longestContext(percent: 95)
        candidates = CandidateWorkers(planningCase, contextP95: context)
        guard !candidates.isEmpty else { throw .nothingFits(candidates.rejected) }
        guard Self.obstacle(planningCase, candidates, budget) == nil else {
            return
        }
        var table = CoefficientTable(
            ReplicaSimulation(
                planningCase: planningCase, costs: costs, candidates: candidates,
                replications: simulation.replications),
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
    /// asked to, or none meets every target.
    private mutating func climb(
        from layouts: [Deployment], within budget: LayoutBudget
    ) async -> [Deployment] {
        guard !Task.isCancelled, await !isServed(layouts),
            let start = finalists.bestRun(of: layouts.filter { !$0.prefillGroups.isEmpty })
        else { return [] }
        var climb = LayoutClimb(
            from: start.layout, filledAsIn: start.run, planningCase: planningCase,
            simulation: simulation,
            neighbours: LayoutNeighbours(
                candidates: candidates,
                bounds: planningCase.bounds(candidates, within: budget),
                mixes: planningCase.planning.mixesWorkers),
            progress: progress)
        var best: [Deployment] = []
        // One run may not see that a layout falls behind; more runs of the best do, and the climb goes on.
        for _ in 0..<Self.mostClimbs {
            best = await climb.run { finalists.isKnown($0) && !finalists.isSteady($0) }
            let fresh = best.filter { !finalists.isKnown($0) }
            await finalists.simulate(fresh)
            guard !Task.isCancelled, fresh.contains(where: { !finalists.isSteady($0) }) else {
                break
            }
        }
        return best.filter { !layouts.contains($0) }
    }

    /// Times that layouts are climbed from at most.
    private static let mostClimbs = 4

    /// Whether a layout serves nearly all that it is asked to, and one meets every target.
    private mutating func isServed(_ layouts: [Deployment]) async -> Bool {
        guard finalists.isServed(layouts) else { return false }
        for layout in layouts where finalists.isKnown(layout) {
            let checks = TargetCheck.all(
                await finalists.report(layout), planningCase.service)
            if Verdict.all(checks.map(\.verdict)) == .pass { return true }
        }
        return false
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
        // Whoever comes first is known as well as those that it is compared with.
        for _ in plans {
            guard let first = RankedPlan.ordered(plans).first,
                let place = plans.firstIndex(where: { $0.deployment == first.deployment }),
                await finalists.match(first.deployment, with: known)
            else { break }
            let choice = selection?.choices.first { $0.deployment == first.deployment }
            plans[place] = await plan(first.deployment, choice)
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

    /// Why no prefill and decode workers are planned: as known beforehand, or for no pair of columns is
    /// within the bounds; nil where there are some.
    func obstacle(within budget: LayoutBudget) -> Rejection? {
        if let known = Self.obstacle(planningCase, candidates, budget) { return known }
        guard !program(planningCase.planning.objective, budget).hasLayout else { return nil }
        let isFree = planningCase.forbiddenPairs(among: candidates).isEmpty
        let limit =
            budget.usdPerHour.map { "cost at most \($0) USD/h" }
            ?? (planningCase.planning.fillsBudget ? "take exactly" : "fit into")
            + " \(budget.gpus) GPUs"
        return Rejection(
            layout: "P+D",
            reason: "no prefill and decode workers "
                + (isFree ? "" : "that \(planningCase.engineName) lets stand beside each other ")
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
    /// several pools, of the same degrees in all of them, one pool filled after the other in either order.
    func colocated(within budget: LayoutBudget) -> [Deployment] {
        let bounds = planningCase.bounds(candidates, within: budget)
        let alike = candidates.colocated.map(\.parallelism).reduce(into: [Parallelism]()) {
            if !$0.contains($1) { $0.append($1) }
        }
        let across = alike.flatMap { parallelism -> [[WorkerKind]] in
            let kinds = candidates.colocated.filter { $0.parallelism == parallelism }
            return kinds.count > 1 ? [kinds, kinds.reversed()] : []
        }
        let alone = candidates.colocated.map { [$0] }
        return (alone + across).compactMap { kinds -> Deployment? in
            let groups = kinds.reduce(into: [WorkerGroup]()) { groups, kind in
                let room = bounds.room(for: kind, beside: groups)
                if room > 0 { groups.append(WorkerGroup(kind, room)) }
            }
            let inOrder = candidates.colocated.compactMap { kind in
                groups.first { $0.kind == kind }
            }
            return !groups.isEmpty && bounds.holds(groups) ? .colocated(inOrder) : nil
        }
        .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
