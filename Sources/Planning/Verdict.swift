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
    /// Whose sessions count, empty for those without a tenant; nil for all.
    public let tenant: String?
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
    /// target is met. Where tenants have targets of their own, those of each tenant, and of the
    /// sessions without one, are checked apart, so that a large tenant does not hide a small one.
    public static func all(_ report: ServingReport, _ service: ServiceLevel) -> [Self] {
        let stability = Self(
            target: .stability, tenant: nil, limit: report.backlogLimit,
            estimate: report.backlogGrowth, verdict: report.isOverloaded ? .fail : .pass)
        guard service.tenants.isEmpty || report.tenants.isEmpty else {
            return report.tenants.flatMap { all($0, service, report) } + [stability]
        }
        return [
            latency(.ttftP95, report.ttft, service.ttft, report),
            latency(.itlP95, report.itl, service.itl, report),
            attainment(report.attainment, service),
            stability,
        ]
    }

    private static func all(
        _ tenant: TenantReport, _ service: ServiceLevel, _ report: ServingReport
    ) -> [Self] {
        let bounds = service.bounds(of: tenant.name)
        return [
            latency(.ttftP95, tenant.ttft, bounds.ttft, report, tenant.name),
            latency(.itlP95, tenant.itl, bounds.itl, report, tenant.name),
            attainment(tenant.attainment, service, tenant.name),
        ]
    }

    private static func attainment(
        _ attainment: [ServiceLevel.Headline: Estimate], _ service: ServiceLevel,
        _ tenant: String? = nil
    ) -> Self {
        let attained = attainment[service.headline] ?? Estimate(value: 0, low: 0, high: 1)
        return Self(
            target: .attainment, tenant: tenant, limit: service.attainmentGoal,
            estimate: attained, verdict: .atLeast(service.attainmentGoal, attained))
    }

    /// A latency that no round had, such as ITL of single tokens, meets every target.
    private static func latency(
        _ target: Target, _ quantiles: LatencyQuantiles?, _ limit: Duration,
        _ report: ServingReport, _ tenant: String? = nil
    ) -> Self {
        let nanoseconds = limit.inSeconds * 1e9
        let without: Verdict = report.isOverloaded || report.rounds == 0 ? .fail : .pass
        return Self(
            target: target, tenant: tenant, limit: nanoseconds, estimate: quantiles?.p95,
            verdict: quantiles.map { .atMost(nanoseconds, $0.p95) } ?? without)
    }
}

extension TargetCheck {
    /// Whose sessions count, as words behind the target's name; empty for all.
    public var ofTenant: String {
        guard let tenant else { return "" }
        return tenant.isEmpty ? " of sessions without a tenant" : " of tenant \(tenant)"
    }
}

extension TargetCheck.Target {
    /// Whether figures are fractions; otherwise they are latencies.
    public var isShare: Bool { self == .attainment || self == .stability }
}
