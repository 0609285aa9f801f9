import CostModeling
import ServingDomain
import Simulation

/// Looks for the fewest GPUs, or the highest rate, at which a simulated layout meets every target.
///
/// More GPUs never serve less, and a higher rate is never served better: both are found by bisection. What
/// decides is the simulation of the best layouts that the integer program proposes for a budget and a rate,
/// and of the co-located ones; an undecided verdict is not met. Short runs do not see a queue that grows
/// slowly, and the search goes to just where one does: near the edge, and where the runs still feel that they
/// began empty, runs of ten times as many sessions decide.
struct PlanSearch {
    let planningCase: Case
    let costs: CostModel
    let jobs: Int
    let progress: ProgressReport

    /// How near the highest rate is found: the next higher one that was tried is at most so many times
    /// it.
    static let rateStep = 1.01
    /// Sessions per second beyond which no rate is tried: those that a case may have.
    private static let rates = 1e-6...1e6
    /// GPUs that layouts may take.
    var budget: Int {
        min(planningCase.cluster.gpus.value, planningCase.planning.gpuBudget?.value ?? .max)
    }

    func round(_ planningCase: Case) async throws(PlanningError) -> PlanningRound {
        try await PlanningRound(
            planningCase, costs: costs, jobs: jobs, budget: budget, progress: progress)
    }

    // MARK: GPUs

    /// The plans of the smallest budget of which one meets every target; those of the whole budget
    /// where none does.
    func fewestGPUs() async throws(PlanningError) -> PlanResult {
        var trials = Trials()
        do {
            return try await fewestGPUs(&trials)
        } catch .interrupted {
            guard let gpus = trials.met.min() else { throw .interrupted }
            return finished(trials[gpus], trials, Int(gpus), nil, true)
        }
    }

    private func fewestGPUs(_ trials: inout Trials) async throws(PlanningError) -> PlanResult {
        var round = try await round(planningCase)
        func meets(_ gpus: Int, thoroughly: Bool = false) async throws(PlanningError) -> Bool {
            let result = try await round.result(within: gpus)
            return try await note(
                result, gpus, planningCase.workload.rate, isEdge: thoroughly, at: gpus, &trials)
        }
        var (low, high) = (round.leastGPUs, budget)
        guard try await meets(high) else { return finished(trials[high], trials, high, nil, false) }
        if let proposed = try await round.proposedGPUs(within: budget), proposed < high {
            if try await meets(proposed) { high = proposed } else { low = proposed + 1 }
        }
        while low < high {
            let middle = (low + high) / 2
            if try await meets(middle) { high = middle } else { low = middle + 1 }
        }
        while try await !meets(high, thoroughly: true) {
            guard high < budget else { return finished(trials[high], trials, high, nil, false) }
            high += 1
        }
        return finished(trials[high], trials, high, nil, true)
    }

    // MARK: Rate

    /// The plans of the highest rate at which one meets every target; those of the lowest that was tried
    /// where none does.
    func largestRate() async throws(PlanningError) -> PlanResult {
        var trials = Trials()
        do {
            return try await largestRate(&trials)
        } catch .interrupted {
            guard let rate = trials.met.max() else { throw .interrupted }
            return finished(trials[rate], trials, budget, rate, true)
        }
    }

    private func largestRate(_ trials: inout Trials) async throws(PlanningError) -> PlanResult {
        func meets(_ perSecond: Double, _ thoroughly: Bool) async throws(PlanningError) -> Bool {
            var asked = planningCase
            asked.workload.rate = Rate(sessionsPerSecond: perSecond)
            var round = try await round(asked)
            let result = try await round.result(within: budget)
            return try await note(
                result, budget, asked.workload.rate, isEdge: thoroughly, at: perSecond, &trials)
        }
        let start = planningCase.workload.rate.sessionsPerSecond
        guard start.isFinite, start > 0, planningCase.workload.concurrency == nil else {
            throw .closedLoop
        }
        let found = try await RateBisection(step: Self.rateStep, range: Self.rates)
            .search(from: start, meets: meets)
        guard let rate = found.met ?? found.missed else {
            preconditionFailure("a search tries a rate")
        }
        return finished(trials[rate], trials, budget, rate, found.met != nil)
    }

    // MARK: What was tried

    /// Budgets or rates that were tried, each with its plans.
    private struct Trials {
        private(set) var steps: [SearchOutcome.Step] = []
        /// Looked up, never iterated.
        private var results: [Double: PlanResult] = [:]
        private var thorough: [Double: Bool] = [:]
        /// Budgets or rates at which the last verdict was that the targets are met.
        private(set) var met: Set<Double> = []

        subscript(place: Double) -> PlanResult? { results[place] }
        subscript(gpus: Int) -> PlanResult? { results[Double(gpus)] }

        /// Whether long runs met the targets there; nil where none were made.
        func wasMetThoroughly(at place: Double) -> Bool? { thorough[place] }

        mutating func add(
            _ step: SearchOutcome.Step, _ result: PlanResult, isLong: Bool, at place: Double
        ) {
            steps.append(step)
            results[place] = result
            if step.verdict == .pass { met.insert(place) } else { met.remove(place) }
            if isLong { thorough[place] = step.verdict == .pass }
        }
    }

    private func note(
        _ result: PlanResult, _ gpus: Int, _ rate: Rate, isEdge: Bool, at place: Int,
        _ trials: inout Trials
    ) async throws(PlanningError) -> Bool {
        try await note(result, gpus, rate, isEdge: isEdge, at: Double(place), &trials)
    }

    /// Whether the best layout meets every target, by long runs at the edge.
    private func note(
        _ result: PlanResult, _ gpus: Int, _ rate: Rate, isEdge: Bool, at place: Double,
        _ trials: inout Trials
    ) async throws(PlanningError) -> Bool {
        if let known = trials.wasMetThoroughly(at: place) { return known }
        guard let best = result.recommended else { return false }
        var (verdict, sessions) = (best.verdict, planningCase.planning.sessions)
        let isLong = verdict == .pass && (isEdge || best.report.warmUp.isIncomplete)
        if isLong {
            let long = LongRuns(planningCase: planningCase, costs: costs, jobs: jobs)
            let report = await long.report(best.deployment, rate: rate)
            verdict = .all(
                TargetCheck.all(report, planningCase.service).map(\.verdict)
                    + (best.survival ?? []).map(\.verdict))
            sessions = long.sessions
        }
        guard !Task.isCancelled else { throw .interrupted }
        let perSecond = rate.sessionsPerSecond
        let shown = perSecond.isFinite ? " at \(Self.shown(perSecond))/s" : ""
        progress(.simulation, "\(gpus) GPUs\(shown): \(best.deployment) \(verdict.rawValue)")
        let step = SearchOutcome.Step(
            budget: GPUs(gpus), rate: rate, layout: best.deployment, verdict: verdict,
            sessions: sessions)
        trials.add(step, result, isLong: isLong, at: place)
        return verdict == .pass
    }

    /// Four digits behind the first that is not zero.
    private static func shown(_ rate: Double) -> Double {
        var scale = 1e4
        while rate * scale < 1e4, scale < 1e12 { scale *= 10 }
        return (rate * scale).rounded() / scale
    }

    /// The plans with how they were found; without a rate at the case's.
    private func finished(
        _ result: PlanResult?, _ trials: Trials, _ gpus: Int, _ rate: Double?, _ isFound: Bool
    ) -> PlanResult {
        guard var result else {
            preconditionFailure("every budget and rate that is found was tried")
        }
        result.search = SearchOutcome(
            steps: trials.steps, budget: GPUs(gpus),
            rate: rate.map(Rate.init(sessionsPerSecond:)) ?? planningCase.workload.rate,
            isFound: isFound)
        result.isInterrupted = Task.isCancelled
        return result
    }
}
