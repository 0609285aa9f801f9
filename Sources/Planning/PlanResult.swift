public import CostModeling
public import ServingDomain
public import Simulation

/// One deployment with what the integer program and the whole-cluster simulation say of it.
public struct RankedPlan: Sendable {
    public let deployment: Deployment
    /// Place among the solutions of the integer program; nil for co-located layouts.
    public let milpRank: Int?
    /// Z of the integer program; nil for co-located layouts.
    public let milpValue: Double?
    public let report: ServingReport
    public let checks: [TargetCheck]
    /// Attainment of the headline.
    public let attainment: Estimate
    /// Place in the order; equal for layouts whose attainments cannot be told apart.
    public internal(set) var rank = 1
    /// Attainment minus that of the first plan, over the same sessions; nil for the first itself, and where
    /// one of both has no steady state.
    public internal(set) var gap: PairedDifference?
    /// US dollars an hour for its GPUs; nil where a price is missing.
    public internal(set) var usdPerHour: Double?
    /// What it does without one of its workers, or a node; nil where it need not stand that, empty where it
    /// misses its targets with all of them.
    public internal(set) var survival: [StressOutcome]?

    init(
        deployment: Deployment, milpRank: Int?, milpValue: Double?, report: ServingReport,
        checks: [TargetCheck], attainment: Estimate
    ) {
        self.deployment = deployment
        self.milpRank = milpRank
        self.milpValue = milpValue
        self.report = report
        self.checks = checks
        self.attainment = attainment
    }

    public var verdict: Verdict {
        .all(checks.map(\.verdict) + (survival ?? []).map(\.verdict))
    }

    /// Layouts that stand a loss come first, then those of which that is not decided.
    var survivalStanding: Int {
        guard let survival else { return 0 }
        return switch survival.isEmpty ? .fail : Verdict.all(survival.map(\.verdict)) {
        case .pass: 0
        case .undecided: 1
        case .fail: 2
        }
    }

    /// The larger of P95 TTFT and P95 ITL over their targets; in overload, which has no P95, the
    /// growth of the backlog over the largest of a steady state.
    public var pressure: Double {
        let telling: [TargetCheck.Target] =
            report.isOverloaded ? [.stability] : [.ttftP95, .itlP95]
        return checks.compactMap { check in
            telling.contains(check.target) ? check.miss.map { $0 + 1 } : nil
        }.max() ?? 0
    }
}

/// The best that the engine of a case can run, where it cannot run what the case asks for.
public struct RunnablePlans: Sendable {
    public let adaptation: EngineAdaptation
    /// Of the adapted case, best first.
    public let plans: [RankedPlan]
    /// How GPUs or a rate were looked for; nil where neither was.
    public let search: SearchOutcome?
    public let recommended: RankedPlan?

    init(_ adaptation: EngineAdaptation, _ result: PlanResult) {
        self.adaptation = adaptation
        (plans, search, recommended) = (result.plans, result.search, result.recommended)
    }
}

/// The answer to a planning question.
public struct PlanResult: Sendable {
    public let planningCase: Case
    public let costs: CostModel
    public let coefficients: [LatencyCoefficient]
    /// What the integer program chose; nil where two workers do not fit, so that there was none.
    public let selection: DeploymentSelection?
    /// Best first.
    public let plans: [RankedPlan]
    public let rejected: [Rejection]
    /// How GPUs or a rate were looked for; nil where neither was.
    public internal(set) var search: SearchOutcome?
    /// How every layout was screened; nil where only proposals of the integer program were simulated.
    public internal(set) var screen: ScreenOutcome?
    /// What the proposals missed; nil where that was not asked for.
    public internal(set) var audit: SearchAudit?
    /// What the engine can run; nil where that is what the case asks for, or its rules are ignored.
    public internal(set) var runnable: RunnablePlans?
    /// Whether the search was cancelled, so that this is the best that was found until then.
    public internal(set) var isInterrupted = false

    /// Whether the order by simulation differs from the integer program's.
    public var ordersDisagree: Bool {
        let ranks = plans.compactMap(\.milpRank)
        return ranks != ranks.sorted()
    }

    /// Trust of the costs behind the result.
    public var trust: TrustShares { costs.trust }

    /// The first plan that meets every target, else the first that may, else the first of all.
    public var recommended: RankedPlan? {
        plans.first { $0.verdict == .pass } ?? plans.first { $0.verdict == .undecided }
            ?? plans.first
    }

    /// Whether any plan meets the targets that the engine can run, or where its rules are ignored any at all.
    public var verdict: Verdict {
        let best = runnable.map(\.recommended) ?? recommended
        return best?.verdict ?? .fail
    }
}

/// Why there is no plan at all.
public enum PlanningError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No degree can run the model on this GPU.
    case nothingFits([Rejection])
    /// No worker fits into the budget, or none fills it where it has to be filled.
    case noLayout(budget: Int, smallest: Int, fills: Bool)
    /// The highest rate was asked for where jobs arrive when others end.
    case closedLoop
    /// The solver failed.
    case solver(String)
    /// The task was cancelled before anything could be told.
    case interrupted

    public var description: String {
        switch self {
        case .nothingFits(let rejected):
            let reasons = rejected.map { "\($0.layout): \($0.reason)" }.joined(separator: "; ")
            return "No tensor-parallel degree can serve this model: \(reasons). Allow others in "
                + "planning.tp or planning.parallelism, or change what the reasons name; where there is no "
                + "room, a GPU with more memory or a smaller weight_format makes some."
        case .noLayout(let budget, let smallest, let fills):
            return "No layout " + (fills ? "takes exactly" : "fits into") + " \(budget) GPUs: the "
                + "smallest worker takes \(smallest). Change planning.gpu_budget"
                + (fills ? ", planning.gpu_use" : "") + " or planning.tp."
        case .closedLoop:
            return
                "The highest rate is looked for, and jobs of this workload wait for others to end "
                + "(workload.concurrency); leave that out, or ask for another planning.objective."
        case .interrupted: return "Interrupted before any layout was simulated."
        case .solver(let text):
            return "The integer program could not be solved: \(text)."
        }
    }
}
