import Catalog
import CostModeling
import Deploying
import Planning
import ServingDomain
import Simulation

/// Checks one layout under a case: what keeps it from running, and what a simulation says.
struct LayoutChecking {
    /// What is looked at beside the case's own targets.
    struct Demands {
        var today: CalendarDay
        var tolerance: Double
        var mostDollarsPerHour: Double?
        var limits: [RegressionLimit]
    }

    /// Another layout that the checked one is compared with.
    struct Other {
        let layout: Deployment
        let name: String
    }

    let loaded: LoadedCase
    let demands: Demands
    let jobs: Int

    /// Findings about a layout.
    ///
    /// - Parameters:
    ///   - layout: with its ranks counted as engines.
    ///   - best: the best that a plan knows; nil where no plan is at hand.
    ///   - former: what it is to be no worse than; nil where nothing was named.
    /// - Returns: what was found; without a simulation where the layout cannot run.
    func findings(
        _ layout: Deployment, best: Other?, former: Other?
    ) async -> [Finding] {
        let rules = LayoutRules(layout)
        var found = rules.findings(loaded.obstacles(to: layout))
        if let planned = loaded.planningCase {
            found += rules.findings(planned.pairConflicts(on: layout))
        }
        let canRun = found.isEmpty
        found += rules.findings(loaded.policyConflicts(of: layout))
        if canRun { found += sessionsBeyond(layout, rules) }
        found += rules.singleWorkers
        if let most = demands.mostDollarsPerHour {
            found.append(
                rules.cost(most: most, price: loaded.planningCase?.pricePerHour(of: layout)))
        }
        found += ProfileRules(loaded.origin.profiles).findings(
            engine: loaded.draft.engine.name, version: loaded.draft.engine.version,
            today: demands.today)
        guard
            !found.contains(where: {
                $0.severity == .error && $0.verdict == .fail && $0.rule != .cost
            })
        else { return found }
        return found + (await simulated(layout, best, former))
    }

    /// What the sessions need beyond KV capacity, or else beyond the model's context.
    private func sessionsBeyond(_ layout: Deployment, _ rules: LayoutRules) -> [Finding] {
        let small = rules.findings(loaded.tooSmall(layout))
        guard small.isEmpty, let longest = loaded.longestContext,
            let model = loaded.planningCase?.model
        else { return small }
        return rules.findings(reaching: longest, on: model)
    }

    private func simulated(
        _ layout: Deployment, _ best: Other?, _ former: Other?
    ) async -> [Finding] {
        Console.say("simulating \(layout)")
        let simulation = DeploymentSimulation(
            question: loaded.question, costs: loaded.costs, jobs: jobs)
        let subject = await simulation.simulated(layout)
        let service = loaded.question.service
        var found = ServiceRules(subject.report, service).findings
        if let best = runnable(best), best.layout != layout {
            Console.say("simulating \(best.layout) of \(best.name) for comparison")
            let base = await simulation.simulated(best.layout)
            found += [
                ComparisonRules(subject, against: base, service)
                    .worseThanBest(best.name, tolerance: demands.tolerance)
            ].compactMap { $0 }
        }
        guard let former else { return found }
        let price = loaded.planningCase?.pricePerHour
        let prices = (price?(layout), price?(former.layout))
        guard let former = runnable(former) else {
            return found
                + demands.limits.map {
                    $0.finding(layout, against: former.layout, of: former.name, prices: prices)
                }
        }
        Console.say("simulating \(former.layout) of \(former.name) for comparison")
        let base = await simulation.simulated(former.layout)
        found += ComparisonRules(subject, against: base, service).regressions(
            from: former.name, limits: demands.limits, prices: prices)
        return found
    }

    /// The layout where it can run under the case at all.
    private func runnable(_ other: Other?) -> Other? {
        guard let other, !loaded.obstacles(to: other.layout).isEmpty else { return other }
        Console.say(
            "warning: \(other.layout) of \(other.name) cannot run under this case, so nothing is "
                + "compared with it")
        return nil
    }
}

extension LoadedCase {
    /// What the engine refuses of the policy; nothing where its rules are ignored, and of co-located ones.
    func policyConflicts(of layout: Deployment) -> [EngineConflict] {
        guard let planningCase, !planningCase.planning.ignoresEngineRules,
            !layout.prefillGroups.isEmpty
        else { return [] }
        return planningCase.policyConflicts
    }

    /// Workers whose KV cache is smaller than the sessions; nothing where the capacity is stated.
    func tooSmall(_ layout: Deployment) -> [Rejection] {
        workerCheck?.rejected(in: layout) ?? []
    }

    /// Why no degree fits at all; empty where one does.
    var nothingFits: [Rejection] {
        guard let check = workerCheck, let planningCase else { return [] }
        let candidates = CandidateWorkers(planningCase, contextP95: check.contextP95)
        return candidates.isEmpty ? candidates.rejected : []
    }

    /// Longest context of the sessions at P95, in tokens; nil without a workload.
    var longestContext: Tokens? {
        planningCase.map { Replications($0, jobs: 1).longestContext(percent: 95) }
    }

    private var workerCheck: WorkerCheck? {
        guard let planningCase, draft.statedCosts?.kvCapacity == nil, let longestContext else {
            return nil
        }
        return WorkerCheck(planningCase: planningCase, contextP95: longestContext)
    }
}
