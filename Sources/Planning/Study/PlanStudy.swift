public import ServingDomain
public import Simulation

/// Everything that a report on a plan shows, as plain values: the same for html, text and files.
public struct PlanStudy: Sendable {
    /// The layout with its headroom, its rivals and what it bears.
    public let explanation: PlanExplanation
    /// What each plan serves at several rates.
    public let frontier: [OperatingPoint]
    /// Attainment of the layout against the rate; nil where there is no rate.
    public let rates: RateCurve?
    /// P95 of the best layout of each split of the GPUs.
    public let splits: SplitMap
    /// Where the time to the first token goes.
    public let firstTokens: FirstTokenSplit
    /// TTFT and gaps between tokens.
    public let latencies: [LatencySpread]
    /// Operators that take most of a step, with what they were fitted on.
    public let operators: [OperatorFit]
    /// Times of whole steps.
    public let steps: [StepCurve]
    /// How busy each worker is.
    public let activity: WorkerActivity

    public var planningCase: Case { explanation.planningCase }
    public var chosen: Deployment { explanation.chosen.deployment }
}
