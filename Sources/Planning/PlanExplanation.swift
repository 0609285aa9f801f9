public import ServingDomain
public import Simulation

/// What holds a layout back where its load grows.
public enum Bottleneck: String, Hashable, Sendable, CaseIterable {
    case prefill
    case decode
    case kvMemory = "kv_memory"
    case link
    /// Workers that prefill and decode.
    case colocated
}

/// A layout against the chosen one.
public struct LayoutComparison: Hashable, Sendable {
    public let deployment: Deployment
    /// Why it cannot run at all; then there is no more of it.
    public let obstacles: [String]
    public let report: ServingReport?
    public let checks: [TargetCheck]
    /// Its attainment minus that of the chosen layout, over the same sessions; nil where one of both has no
    /// steady state.
    public let gap: PairedDifference?

    public var verdict: Verdict { report == nil ? .fail : .all(checks.map(\.verdict)) }
}

/// What one more worker of a phase is worth to a layout.
public struct WorkerValue: Hashable, Sendable {
    /// Nil for co-located workers.
    public let phase: Phase?
    public let deployment: Deployment
    public let headroom: Headroom
    /// Sessions per second by which it raises the highest rate that is met, for each of its GPUs; nil where
    /// no rate is met with or without it, or every rate is.
    public let ratePerGPU: Double?
}

/// Why a layout is as good as it is, and others are not better.
public struct PlanExplanation: Sendable {
    public let planningCase: Case
    public let chosen: LayoutComparison
    /// The best co-located layout of as many GPUs, where the chosen one is none.
    public let colocated: LayoutComparison?
    /// Layouts that were asked about.
    public let others: [LayoutComparison]
    /// Nil where jobs wait for others to end, so that there is no rate.
    public let headroom: Headroom?
    public let bottleneck: Bottleneck?
    public let values: [WorkerValue]
    /// What becomes of the chosen layout where something turns out otherwise.
    public let stresses: [StressOutcome]
    /// How much longer steps take under `Stress.slowerSteps`.
    public let slowness: Stress.Slowness
}
