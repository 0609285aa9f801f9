public import Planning
public import ServingDomain
public import Simulation

/// The figures of one simulated deployment as document members.
public struct ReportDocument: Sendable {
    public let report: ServingReport
    public let service: ServiceLevel
    public let checks: [TargetCheck]

    public init(report: ServingReport, service: ServiceLevel, checks: [TargetCheck]) {
        self.report = report
        self.service = service
        self.checks = checks
    }

    public var members: [String: JSONValue] {
        var members = figures
        if let jobs = report.jobs { members["jobs"] = figures(of: jobs) }
        if !report.tenants.isEmpty { members["tenants"] = .array(report.tenants.map(figures)) }
        if let rate = report.jobsPerSecond {
            members["throughput_sessions_per_s"] = .number(rounded(rate, 6))
        }
        return members
    }

    private func figures(of jobs: JobReport) -> JSONValue {
        [
            "completion_ms": latency(jobs.completion), "attainment": share(jobs.attainment),
            "count": .integer(jobs.count), "refused": .integer(jobs.refused),
        ]
    }

    private func figures(of tenant: TenantReport) -> JSONValue {
        let bounds = service.bounds(of: tenant.name)
        return [
            "name": .string(tenant.name),
            "ttft_limit_ms": milliseconds(bounds.ttft.inSeconds * 1e9),
            "itl_limit_ms": milliseconds(bounds.itl.inSeconds * 1e9),
            "sessions": .integer(tenant.sessions), "rounds": .integer(tenant.rounds),
            "ttft_ms": latency(tenant.ttft), "itl_ms": latency(tenant.itl),
            "tpot_ms": latency(tenant.tpot), "e2e_ms": latency(tenant.endToEnd),
            "attainment": byRule(tenant.attainment),
        ]
    }

    private func share(_ estimate: Estimate) -> JSONValue {
        [
            "value": .number(rounded(estimate.value, 6)),
            "low": .number(rounded(estimate.low, 6)), "high": .number(rounded(estimate.high, 6)),
        ]
    }

    private func byRule(_ attainment: [ServiceLevel.Headline: Estimate]) -> JSONValue {
        .object(
            Dictionary(
                uniqueKeysWithValues: attainment.map { ($0.key.rawValue, share($0.value)) }))
    }

    private var figures: [String: JSONValue] {
        [
            "ttft_ms": latency(report.ttft), "itl_ms": latency(report.itl),
            "tpot_ms": latency(report.tpot), "e2e_ms": latency(report.endToEnd),
            "memory_wait_ms": latency(report.memoryWait),
            "transfer_ms": latency(report.transferTime),
            "attainment": attainment,
            "attainment_by_rule": .object(
                Dictionary(
                    uniqueKeysWithValues: report.attainment.map {
                        ($0.key.rawValue, .number(rounded($0.value.value, 6)))
                    })),
            "attainment_by_itl_statistic": .object(
                Dictionary(
                    uniqueKeysWithValues: report.attainmentByStatistic.map {
                        ($0.key.rawValue, byRule($0.value))
                    })),
            "utilisation": [
                "prefill": .number(rounded(report.prefillUtilisation, 4)),
                "decode": .number(rounded(report.decodeUtilisation, 4)),
                "transfer_port_max": report.busiestPort.map { .number(rounded($0, 4)) } ?? .null,
                "kv_memory_peak": .number(rounded(report.peakMemoryShare, 4)),
            ],
            "local_prefill_share": .number(rounded(report.localShare, 4)),
            "replications": .integer(report.replications),
            "sessions_simulated": .integer(report.sessions),
            "rounds_simulated": .integer(report.rounds),
            "new_tokens_simulated": .integer(report.newTokens),
            "output_tokens_simulated": .integer(report.outputTokens), "warm_up": warmUp,
            "kv_evictions": .integer(report.evictions),
            "tokens_recomputed": .integer(report.recomputedTokens),
            "tokens_from_host": .integer(report.loadedTokens),
            "sessions_refused": .integer(report.refusedSessions),
            "extrapolated": .bool(report.extrapolated),
            "extrapolated_share": .number(rounded(report.extrapolatedShare, 6)),
            "overload": .bool(report.isOverloaded),
            "checks": .array(checks.map(check)),
            "verdict": .string(Verdict.all(checks.map(\.verdict)).rawValue),
        ]
    }

    /// In overload `horizon_sessions` says over how many sessions from an empty cluster.
    private var attainment: JSONValue {
        let estimate =
            report.attainment[service.headline] ?? Estimate(value: 0, low: 0, high: 1)
        return [
            "headline": .string(service.headline.rawValue),
            "itl_statistic": .string(service.itlStatistic.rawValue),
            "value": .number(rounded(estimate.value, 6)),
            "low": .number(rounded(estimate.low, 6)), "high": .number(rounded(estimate.high, 6)),
            "caution": JSONValue(estimate.caution?.rawValue),
            "horizon_sessions": report.horizon.map(JSONValue.integer) ?? .null,
        ]
    }

    /// Mean and percentiles, each with the ends of its interval; null where there is no figure.
    private func latency(_ quantiles: LatencyQuantiles?) -> JSONValue {
        var members: [String: JSONValue] = ["samples": .integer(quantiles?.samples ?? 0)]
        var cautions: [String: JSONValue] = [:]
        for figure in ServingStatistic.Figure.allCases {
            let estimate = quantiles?[figure]
            let name = figure.rawValue
            members[name] = milliseconds(estimate?.value)
            members[name + "_low"] = milliseconds(estimate?.low)
            members[name + "_high"] = milliseconds(estimate?.high)
            if let caution = estimate?.caution { cautions[name] = .string(caution.rawValue) }
        }
        members["cautions"] = .object(cautions)
        return .object(members)
    }

    /// What filled the cluster before anything was measured, and whether it was enough.
    private var warmUp: JSONValue {
        [
            "sessions_dropped": .integer(report.warmUp.dropped),
            "sessions_detected": report.warmUp.detected.map(JSONValue.integer) ?? .null,
            "complete": .bool(!report.warmUp.isIncomplete),
        ]
    }

    private func check(_ check: TargetCheck) -> JSONValue {
        let isShare = check.target.isShare
        func figure(_ value: Double?) -> JSONValue {
            isShare ? JSONValue(finite: value.map { rounded($0, 6) }) : milliseconds(value)
        }
        return [
            "target": .string(check.target.rawValue), "tenant": JSONValue(check.tenant),
            "unit": isShare ? "fraction" : "ms",
            "limit": figure(check.limit), "value": figure(check.estimate?.value),
            "low": figure(check.estimate?.low), "high": figure(check.estimate?.high),
            "miss": JSONValue(finite: check.miss.map { rounded($0, 4) }),
            "verdict": .string(check.verdict.rawValue),
        ]
    }

    private func milliseconds(_ nanoseconds: Double?) -> JSONValue {
        JSONValue(finite: nanoseconds.map { rounded($0 / 1e6, 4) })
    }
}

/// `value` to so many decimal places: what is printed carries no false precision.
package func rounded(_ value: Double, _ places: Int) -> Double {
    let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
    let scaled = value * scale
    return scaled.isFinite ? scaled.rounded() / scale : value
}

/// To four decimals, and more for small values, so that four digits are left.
func fine(_ value: Double) -> Double {
    var (places, size) = (4, abs(value))
    while size > 0, size < 1, places < 16 { (places, size) = (places + 1, size * 10) }
    return rounded(value, places)
}
