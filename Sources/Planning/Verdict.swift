public import ServingDomain
public import Simulation

/// Whether a target is met, judged by the interval and not by the point.
public enum Verdict: String, Hashable, Sendable {
    case pass
    case fail
    /// The interval lies on both sides of the target.
    case undecided

    /// The verdict on several targets that must all be met.
    public static func all(_ verdicts: [Self]) -> Self {
        if verdicts.contains(.fail) { return .fail }
        return verdicts.contains(.undecided) ? .undecided : .pass
    }

    static func atMost(_ limit: Double, _ estimate: Estimate) -> Self {
        if estimate.high <= limit { return .pass }
        return estimate.low > limit ? .fail : .undecided
    }

    static func atLeast(_ goal: Double, _ estimate: Estimate) -> Self {
        if estimate.low >= goal { return .pass }
        return estimate.high < goal ? .fail : .undecided
    }
}

/// One target of the service level with what was simulated for it.
public struct TargetCheck: Hashable, Sendable {
    public enum Target: String, Hashable, Sendable {
        case ttftP95 = "ttft_p95"
        case itlP95 = "itl_p95"
        case attainment
        /// Growth of the backlog: there is no steady state beyond the limit.
        case stability
    }

    public let target: Target
    /// Nanoseconds for latencies, a share for attainment and backlog growth.
    public let limit: Double
    public let estimate: Estimate
    public let verdict: Verdict

    /// How far the estimate misses the limit, as a fraction of it; negative where it is met.
    public var miss: Double {
        target == .attainment
            ? (limit - estimate.value) / limit : (estimate.value - limit) / limit
    }

    /// Checks every target of `service`: P95 TTFT, P95 ITL and the attainment of the headline;
    /// and that the load is served at all, for else the other figures only tell how long one looked.
    public static func all(_ report: ServingReport, _ service: ServiceLevel) -> [Self] {
        let ttft = service.ttft.inSeconds * 1e9
        let itl = service.itl.inSeconds * 1e9
        let attained =
            report.attainment[service.headline] ?? Estimate(value: 0, low: 0, high: 1)
        return [
            Self(
                target: .ttftP95, limit: ttft, estimate: report.ttft.p95,
                verdict: report.rounds > 0 ? .atMost(ttft, report.ttft.p95) : .fail),
            Self(
                target: .itlP95, limit: itl, estimate: report.itl.p95,
                verdict: report.rounds > 0 ? .atMost(itl, report.itl.p95) : .fail),
            Self(
                target: .attainment, limit: service.attainmentGoal, estimate: attained,
                verdict: .atLeast(service.attainmentGoal, attained)),
            Self(
                target: .stability, limit: ServingReport.steadyGrowth,
                estimate: report.backlogGrowth, verdict: report.isOverloaded ? .fail : .pass),
        ]
    }
}
