import CostModeling
import ServingDomain
import Simulation

/// Looks for the fewest GPUs or dollars, or the highest rate, at which a simulated layout meets every target.
///
/// More GPUs, or more dollars for them, never serve less, and a higher rate is never served better: both are found by bisection. What
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
    private var budget: LayoutBudget { LayoutBudget(gpus: planningCase.gpuBudget) }

    func round(_ planningCase: Case) async throws(PlanningError) -> PlanningRound {
        try await PlanningRound(
            planningCase, costs: costs, jobs: jobs, budget: budget, progress: progress)
    }

    // MARK: GPUs and dollars

    /// What as little as possible is spent of.
    enum Spending {
        case gpus
        /// Of these sums an hour, rising.
        case dollars([Double])

        /// The same for the integer program.
        var objective: Case.Planning.Objective {
            if case .gpus = self { .minGPUs } else { .minCost }
        }
    }

    /// Budgets from a least one on, each for more than the one before.
    private struct Levels {
        let spending: Spending
        let most: LayoutBudget
        let range: ClosedRange<Int>

        init(_ spending: Spending, _ round: PlanningRound, most: LayoutBudget) {
            (self.spending, self.most) = (spending, most)
            switch spending {
            case .gpus: range = min(round.leastGPUs, most.gpus)...most.gpus
            case .dollars(let sums): range = 0...(sums.count - 1)
            }
        }

        subscript(level: Int) -> LayoutBudget {
            switch spending {
            case .gpus: LayoutBudget(gpus: level)
            case .dollars(let sums): LayoutBudget(gpus: most.gpus, usdPerHour: sums[level])
            }
        }

        /// The first that a layout fits into; it fits into all behind that.
        func holding(_ layout: Deployment, _ bounds: LayoutBounds) -> Int {
            var (low, high) = (range.lowerBound, range.upperBound)
            while low < high {
                let middle = (low + high) / 2
                if bounds.within(self[middle]).affords(layout) {
                    high = middle
                } else {
                    low = middle + 1
                }
            }
            return low
        }
    }

    /// The plans of the smallest budget of which one meets every target; those of the whole budget
    /// where none does.
    func leastSpent(_ spending: Spending) async throws(PlanningError) -> PlanResult {
        var trials = Trials()
        do {
            return try await leastSpent(spending, &trials)
        } catch .interrupted {
            guard let least = trials.met.min() else { throw .interrupted }
            return finished(least, trials, isFound: true)
        }
    }

    private func leastSpent(
        _ spending: Spending, _ trials: inout Trials
    ) async throws(PlanningError) -> PlanResult {
        var round = try await round(planningCase)
        let levels = Levels(spending, round, most: budget)
        func meets(_ level: Int, thoroughly: Bool = false) async throws(PlanningError) -> Bool {
            let budget = levels[level]
            let result: PlanResult
            do {
                result = try await round.result(within: budget)
            } catch .noLayout where level < levels.range.upperBound {
                return false
            }
            return try await note(
                result, budget, planningCase.workload.rate, isEdge: thoroughly,
                at: Double(level), &trials)
        }
        var (low, high) = (levels.range.lowerBound, levels.range.upperBound)
        guard try await meets(high) else { return finished(Double(high), trials, isFound: false) }
        let proposal = try await round.proposal(of: spending.objective, within: budget)
        let bounds = planningCase.bounds(round.candidates, within: budget)
        if let proposed = proposal.map({ levels.holding($0, bounds) }), proposed < high {
            if try await meets(proposed) { high = proposed } else { low = proposed + 1 }
        }
        while low < high {
            let middle = (low + high) / 2
            if try await meets(middle) { high = middle } else { low = middle + 1 }
        }
        while try await !meets(high, thoroughly: true) {
            guard high < levels.range.upperBound else {
                return finished(Double(high), trials, isFound: false)
            }
            high += 1
        }
        return finished(Double(high), trials, isFound: true)
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
            return finished(rate, trials, isFound: true)
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
        return finished(rate, trials, isFound: found.met != nil)
    }

    // MARK: What was tried

    /// Budgets or rates that were tried, each with its plans.
    private struct Trials {
        private(set) var steps: [SearchOutcome.Step] = []
        /// Looked up, never iterated.
        private var results: [Double: (plans: PlanResult, step: SearchOutcome.Step)] = [:]
        private var thorough: [Double: Bool] = [:]
        /// Layouts that long runs at a rate have shown to miss; looked up, never iterated.
        private var missing: [Deployment: (rate: Rate, verdict: Verdict)] = [:]
        /// Budgets or rates at which the last verdict was that the targets are met.
        private(set) var met: Set<Double> = []

        subscript(place: Double) -> (plans: PlanResult, step: SearchOutcome.Step)? {
            results[place]
        }

        /// Whether long runs met the targets there; nil where none were made.
        func wasMetThoroughly(at place: Double) -> Bool? { thorough[place] }

        mutating func add(
            _ step: SearchOutcome.Step, _ result: PlanResult, isLong: Bool, at place: Double
        ) {
            steps.append(step)
            results[place] = (result, step)
            if step.verdict == .pass { met.insert(place) } else { met.remove(place) }
            if isLong { thorough[place] = step.verdict == .pass }
            if isLong, step.verdict != .pass { missing[step.layout] = (step.rate, step.verdict) }
        }

        /// What long runs of a layout at a rate told, where they missed.
        func miss(of layout: Deployment, at rate: Rate) -> Verdict? {
            missing[layout].flatMap { $0.rate == rate ? $0.verdict : nil }
        }
    }

    /// Whether the best layout meets every target, by long runs at the edge.
    private func note(
        _ result: PlanResult, _ budget: LayoutBudget, _ rate: Rate, isEdge: Bool, at place: Double,
        _ trials: inout Trials
    ) async throws(PlanningError) -> Bool {
        if let known = trials.wasMetThoroughly(at: place) { return known }
        guard let best = result.recommended else { return false }
        var (verdict, sessions) = (best.verdict, planningCase.planning.sessions)
        let isLong = verdict == .pass && (isEdge || best.report.warmUp.isIncomplete)
        if isLong, let known = trials.miss(of: best.deployment, at: rate) {
            verdict = known
            sessions = LongRuns(planningCase: planningCase, costs: costs, jobs: jobs).sessions
        } else if isLong {
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
        let dollars = budget.usdPerHour.map { "\(($0 * 100).rounded() / 100) USD/h" }
        let spent = dollars ?? "\(budget.gpus) GPUs"
        progress(.simulation, "\(spent)\(shown): \(best.deployment) \(verdict.rawValue)")
        let step = SearchOutcome.Step(
            budget: GPUs(budget.gpus), usdPerHour: budget.usdPerHour, rate: rate,
            layout: best.deployment, verdict: verdict,
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

    /// The plans of a budget or rate that was tried, with how they were found.
    private func finished(_ place: Double, _ trials: Trials, isFound: Bool) -> PlanResult {
        guard let tried = trials[place] else {
            preconditionFailure("every budget and rate that is found was tried")
        }
        var result = tried.plans
        result.search = SearchOutcome(
            steps: trials.steps, budget: tried.step.budget,
            usdPerHour: tried.step.usdPerHour, rate: tried.step.rate, isFound: isFound)
        result.isInterrupted = Task.isCancelled
        return result
    }
}
