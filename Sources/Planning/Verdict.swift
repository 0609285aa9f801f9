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
    /// Nil for a latency that nothing had, or that overload makes meaningless.
    public let estimate: Estimate?
    public let verdict: Verdict

    /// How far the estimate misses the limit, as a fraction of it; negative where it is met, nil
    /// without an estimate.
    public var miss: Double? {
        estimate.map {
            target == .attainment ? (limit - $0.value) / limit : ($0.value - limit) / limit
        }
    }

    /// Checks every target of `service`, and that the load is served at all.
    ///
    /// Targets: P95 TTFT, P95 ITL and the attainment of the headline. In overload no latency
    /// target is met.
    public static func all(_ report: ServingReport, _ service: ServiceLevel) -> [Self] {
        let attained =
            report.attainment[service.headline] ?? Estimate(value: 0, low: 0, high: 1)
        return [
            latency(.ttftP95, report.ttft, service.ttft, report),
            latency(.itlP95, report.itl, service.itl, report),
            Self(
                target: .attainment, limit: service.attainmentGoal, estimate: attained,
                verdict: .atLeast(service.attainmentGoal, attained)),
            Self(
                target: .stability, limit: ServingReport.steadyGrowth,
                estimate: report.backlogGrowth, verdict: report.isOverloaded ? .fail : .pass),
        ]
    }

    /// A latency that no round had, such as ITL of single tokens, meets every target.
    private static func latency(
        _ target: Target, _ quantiles: LatencyQuantiles?, _ limit: Duration,
        _ report: ServingReport
    ) -> Self {
        let nanoseconds = limit.inSeconds * 1e9
        let without: Verdict = report.isOverloaded || report.rounds == 0 ? .fail : .pass
        return Self(
            target: target, limit: nanoseconds, estimate: quantiles?.p95,
            verdict: quantiles.map { .atMost(nanoseconds, $0.p95) } ?? without)
    }
}
