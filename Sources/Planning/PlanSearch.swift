import CostModeling
import ServingDomain

/// Looks for the fewest GPUs, or the highest rate, at which a simulated layout meets every target.
///
/// More GPUs never serve less, and a higher rate is never served better: both are found by bisection. What
/// decides is the simulation of the best layouts that the integer program proposes for a budget and a rate,
/// and of the co-located ones; an undecided verdict is not met.
struct PlanSearch {
    let planningCase: Case
    let costs: CostModel
    let jobs: Int
    let progress: @Sendable (String) -> Void

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
        var round = try await round(planningCase)
        var steps: [SearchOutcome.Step] = []
        var results: [Int: PlanResult] = [:]
        func meets(_ gpus: Int) async throws(PlanningError) -> Bool {
            let result = try await round.result(within: gpus)
            results[gpus] = result
            return note(result, gpus, planningCase.workload.rate, &steps)
        }
        var (low, high) = (round.leastGPUs, budget)
        guard try await meets(high) else {
            return finished(results[high], steps, high, planningCase.workload.rate, false)
        }
        if let proposed = try await round.proposedGPUs(within: budget), proposed < high {
            if try await meets(proposed) { high = proposed } else { low = proposed + 1 }
        }
        while low < high {
            let middle = (low + high) / 2
            if try await meets(middle) { high = middle } else { low = middle + 1 }
        }
        return finished(results[high], steps, high, planningCase.workload.rate, true)
    }

    // MARK: Rate

    /// The plans of the highest rate at which one meets every target; those of the lowest that was tried
    /// where none does.
    func largestRate() async throws(PlanningError) -> PlanResult {
        var steps: [SearchOutcome.Step] = []
        var results: [Double: PlanResult] = [:]
        func meets(_ perSecond: Double) async throws(PlanningError) -> Bool {
            var asked = planningCase
            asked.workload.rate = Rate(sessionsPerSecond: perSecond)
            var round = try await round(asked)
            let result = try await round.result(within: budget)
            results[perSecond] = result
            return note(result, budget, asked.workload.rate, &steps)
        }
        let start = planningCase.workload.rate.sessionsPerSecond
        guard start.isFinite, start > 0, planningCase.workload.concurrency == nil else {
            throw .closedLoop
        }
        var (low, high) = (start, start)
        if try await meets(start) {
            while high < Self.rates.upperBound {
                high = min(low * 2, Self.rates.upperBound)
                guard try await meets(high) else { break }
                low = high
            }
        } else {
            var isMet = false
            while !isMet, low > Self.rates.lowerBound {
                high = low
                low = max(high / 2, Self.rates.lowerBound)
                isMet = try await meets(low)
            }
            guard isMet else {
                return finished(
                    results[low], steps, budget, Rate(sessionsPerSecond: low), false)
            }
        }
        while high > low * Self.rateStep {
            let middle = (low * high).squareRoot()
            if try await meets(middle) { low = middle } else { high = middle }
        }
        return finished(results[low], steps, budget, Rate(sessionsPerSecond: low), true)
    }

    // MARK: What was tried

    private func note(
        _ result: PlanResult, _ gpus: Int, _ rate: Rate, _ steps: inout [SearchOutcome.Step]
    ) -> Bool {
        guard let best = result.recommended else { return false }
        let perSecond = rate.sessionsPerSecond
        let shown = perSecond.isFinite ? " at \(Self.shown(perSecond))/s" : ""
        progress("\(gpus) GPUs\(shown): \(best.deployment) \(best.verdict.rawValue)")
        steps.append(
            SearchOutcome.Step(
                budget: GPUs(gpus), rate: rate, layout: best.deployment, verdict: best.verdict))
        return best.verdict == .pass
    }

    /// Four digits behind the first that is not zero.
    private static func shown(_ rate: Double) -> Double {
        var scale = 1e4
        while rate * scale < 1e4, scale < 1e12 { scale *= 10 }
        return (rate * scale).rounded() / scale
    }

    private func finished(
        _ result: PlanResult?, _ steps: [SearchOutcome.Step], _ gpus: Int, _ rate: Rate,
        _ isFound: Bool
    ) -> PlanResult {
        guard var result else {
            preconditionFailure("every budget and rate that is found was tried")
        }
        result.search = SearchOutcome(
            steps: steps, budget: GPUs(gpus), rate: rate, isFound: isFound)
        return result
    }
}
