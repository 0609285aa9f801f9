public import CostModeling
public import ServingDomain
import Simulation

/// Simulates what tells why a layout was chosen.
public struct PlanExplainer: Sendable {
    private let planningCase: Case
    private let costs: CostModel
    private let slowness: Stress.Slowness
    private let jobs: Int
    private let progress: ProgressReport

    /// - Parameters:
    ///   - planningCase: the case.
    ///   - costs: of workers at every degree that is looked at.
    ///   - slowness: how much longer steps may take than the costs say.
    ///   - jobs: most simulations at the same time.
    ///   - progress: called as the work goes on; never part of the result.
    public init(
        planningCase: Case, costs: CostModel, slowness: Stress.Slowness = .assumed, jobs: Int,
        progress: @escaping @Sendable (PlanningProgress) -> Void = { _ in }
    ) {
        (self.planningCase, self.costs) = (planningCase, costs)
        (self.jobs, self.progress) = (jobs, ProgressReport(progress))
        self.slowness = slowness
    }

    /// Explains a layout.
    ///
    /// - Parameters:
    ///   - chosen: a layout that can run.
    ///   - others: layouts to compare with it, whether they can run or not.
    /// - Returns: the same for any number of jobs.
    /// - Precondition: the cost model was built for every degree of all layouts.
    public func explain(_ chosen: Deployment, against others: [Deployment]) async -> PlanExplanation
    {
        var finalists = Finalists(
            DeploymentSimulation(planningCase: planningCase, costs: costs, jobs: jobs),
            planningCase: planningCase, progress: progress)
        let rivals = colocatedRivals(of: chosen)
        let runnable = (rivals + others).filter { obstacles(to: $0).isEmpty }
        progress(
            .simulation,
            "simulating \(([chosen] + runnable).map(\.description).joined(separator: " "))")
        await finalists.simulate([chosen] + runnable)
        await finalists.settle([chosen] + runnable)
        var compared: [LayoutComparison] = []
        for rival in rivals { compared.append(await comparison(of: rival, chosen, &finalists)) }
        var asked: [LayoutComparison] = []
        for other in others { asked.append(await comparison(of: other, chosen, &finalists)) }
        let (headroom, bottleneck, values) = await limits(of: chosen)
        return PlanExplanation(
            planningCase: planningCase,
            chosen: await comparison(of: chosen, chosen, &finalists),
            colocated: compared.min { Self.isBetter($0, $1) }, others: asked, headroom: headroom,
            bottleneck: bottleneck, values: values,
            stresses: await stresses(on: chosen), slowness: slowness)
    }

    private static func isBetter(_ a: LayoutComparison, _ b: LayoutComparison) -> Bool {
        func key(_ layout: LayoutComparison) -> (Int, Double) {
            (layout.report?.isOverloaded == false ? 0 : 1, -(layout.gap?.other ?? 0))
        }
        return key(a) < key(b)
    }

    // MARK: Comparisons

    private func obstacles(to layout: Deployment) -> [String] {
        planningCase.allObstacles(to: layout).map(\.message)
    }

    private func comparison(
        of layout: Deployment, _ chosen: Deployment, _ finalists: inout Finalists
    ) async -> LayoutComparison {
        let obstacles = obstacles(to: layout)
        guard obstacles.isEmpty else {
            return LayoutComparison(
                deployment: layout, obstacles: obstacles, report: nil, checks: [], gap: nil)
        }
        let report = await finalists.report(layout)
        return LayoutComparison(
            deployment: layout, obstacles: [], report: report,
            checks: TargetCheck.all(report, planningCase.service),
            gap: finalists.gap(from: chosen, to: layout))
    }

    /// As many GPUs as co-located workers of each degree can take of the chosen layout's; nothing for one
    /// that is co-located.
    private func colocatedRivals(of chosen: Deployment) -> [Deployment] {
        guard case .disaggregated = chosen else { return [] }
        let parallelisms = planningCase.workerKinds(of: .decode).map(\.parallelism)
            .reduce(into: [Parallelism]()) { if !$0.contains($1) { $0.append($1) } }
        return parallelisms.compactMap { parallelism in
            // In each pool as many GPUs as the chosen layout takes there.
            let groups = planningCase.pools.compactMap { pool -> WorkerGroup? in
                let kind = WorkerKind(pool: pool.name, parallelism)
                let gpus = chosen.allGroups.filter { $0.pool == pool.name }
                    .reduce(0) { $0 + $1.gpus.value }
                return gpus < kind.gpus ? nil : WorkerGroup(kind, gpus / kind.gpus)
            }
            let layout = Deployment.colocated(groups)
            return !groups.isEmpty && obstacles(to: layout).isEmpty ? layout : nil
        }
    }

    // MARK: Stresses

    private func stresses(on chosen: Deployment) async -> [StressOutcome] {
        let runs = StressRuns(
            planningCase: planningCase, costs: costs, slowness: slowness, jobs: jobs)
        var outcomes: [StressOutcome] = []
        for stress in Stress.all(chosen, planningCase) {
            progress(.simulation, "simulating \(chosen) under \(stress.rawValue)")
            if let outcome = await runs.outcome(stress, on: chosen) { outcomes.append(outcome) }
        }
        return outcomes
    }

    // MARK: Limits

    private func limits(
        of chosen: Deployment
    ) async -> (Headroom?, Bottleneck?, [WorkerValue]) {
        let rate = planningCase.workload.rate.sessionsPerSecond
        guard rate.isFinite, rate > 0, planningCase.workload.concurrency == nil else {
            return (nil, nil, [])
        }
        let search = HeadroomSearch(planningCase: planningCase, costs: costs, jobs: jobs)
        progress(.simulation, "looking for the highest rate of \(chosen)")
        let (headroom, edge) = await search.search(chosen)
        var values: [WorkerValue] = []
        for (phase, larger, gpus) in larger(chosen) {
            progress(.simulation, "looking for the highest rate of \(larger)")
            let (more, _) = await search.search(larger)
            let gain = more.rate.flatMap { more in
                headroom.rate.map { (more.sessionsPerSecond - $0.sessionsPerSecond) / Double(gpus) }
            }
            let isOpen = headroom.missedRate == nil || more.missedRate == nil
            values.append(
                WorkerValue(
                    phase: phase, deployment: larger, headroom: more,
                    ratePerGPU: isOpen ? nil : gain))
        }
        return (headroom, edge.flatMap { bottleneck($0, chosen, values) }, values)
    }

    /// One more worker of each phase: of the first kind that the GPUs have room for, else of the first.
    private func larger(_ chosen: Deployment) -> [(Phase?, Deployment, Int)] {
        let all = chosen.withOneMoreWorker
        return [nil, .prefill, .decode].compactMap { (phase: Phase?) in
            let own = all.filter { $0.phase == phase }
            return own.first { obstacles(to: $0.layout).isEmpty } ?? own.first
        }
    }

    /// What holds a layout back, told from what it does where it just misses its targets.
    private func bottleneck(
        _ edge: ServingReport, _ chosen: Deployment, _ values: [WorkerValue]
    ) -> Bottleneck? {
        if edge.busiestPort ?? 0 > 0.95 { return .link }
        let waits = edge.memoryWait.map(\.p95.value) ?? 0
        if waits > planningCase.service.ttft.inSeconds * 1e9 / 5
            || edge.preemptions > edge.rounds / 100
        {
            return .kvMemory
        }
        guard case .disaggregated = chosen else { return .colocated }
        // The phase of which one more GPU would help most.
        let best = values.max { $0.ratePerGPU ?? 0 < $1.ratePerGPU ?? 0 }
        guard let best, let gain = best.ratePerGPU, gain > 0 else { return nil }
        return best.phase == .prefill ? .prefill : .decode
    }
}

extension Deployment {
    /// The same with one more worker of each kind, and how many GPUs that takes.
    var withOneMoreWorker: [(phase: Phase?, layout: Deployment, gpus: Int)] {
        func more(_ groups: [WorkerGroup]) -> [(groups: [WorkerGroup], gpus: Int)] {
            groups.indices.map { grown in
                let larger = groups.indices.map {
                    WorkerGroup(groups[$0].kind, groups[$0].replicas + ($0 == grown ? 1 : 0))
                }
                return (larger, groups[grown].kind.gpus)
            }
        }
        switch self {
        case .colocated(let groups):
            return more(groups).map { (nil, .colocated($0.groups), $0.gpus) }
        case .disaggregated(let prefill, let decode):
            return more(prefill).map {
                (.prefill, .disaggregated(prefill: $0.groups, decode: decode), $0.gpus)
            }
                + more(decode).map {
                    (.decode, .disaggregated(prefill: prefill, decode: $0.groups), $0.gpus)
                }
        }
    }
}
