public import Planning
public import ServingDomain
public import Simulation

/// What a simulation says of the targets, and how far it can be trusted.
public struct ServiceRules: Sendable {
    /// Share of the time at which the busiest port counts as full.
    private static let fullestLink = 0.8
    /// Width of an undecided interval, as a share of its target, from which more runs are asked for.
    private static let widestInterval = 0.25

    private let report: ServingReport
    private let checks: [TargetCheck]

    public init(_ report: ServingReport, _ service: ServiceLevel) {
        self.report = report
        checks = TargetCheck.all(report, service)
    }

    public var findings: [Finding] {
        checks.map { Finding($0.target.rule, $0.verdict, $0.sentence) }
            + [links, outside].compactMap { $0 } + checks.compactMap(wide)
    }

    private var links: Finding? {
        report.busiestPort.map { share in
            Finding(
                .links, share > Self.fullestLink ? .fail : .pass,
                "the busiest network port is in use \(share.percent) of the time, limit "
                    + Self.fullestLink.percent)
        }
    }

    private var outside: Finding {
        Finding(
            .outsideProfile, report.extrapolated ? .fail : .pass,
            "\(report.extrapolatedShare.percent) of the computing time lies outside the range of the "
                + "profile")
    }

    private func wide(_ check: TargetCheck) -> Finding? {
        guard check.verdict == .undecided, let estimate = check.estimate, check.limit > 0 else {
            return nil
        }
        let width = (estimate.high - estimate.low) / check.limit
        guard !(width <= Self.widestInterval) else { return nil }
        return Finding(
            .wideInterval,
            "the interval of \(check.target.rawValue)\(check.ofTenant) is "
                + (width.isFinite ? "\(width.percent) of its target wide" : "without end")
                + "; raise planning.replications or planning.sessions")
    }
}

extension TargetCheck {
    /// The figure with its interval and its target.
    public var sentence: String {
        let relation = target == .attainment ? "at least" : "at most"
        let name = target == .stability ? "backlog growth" : target.rawValue
        let wanted = "target\(ofTenant) \(relation) \(figure(limit))"
        guard let estimate else {
            let why =
                verdict == .fail
                ? "the layout does not keep up with the load, so there is none"
                : "nothing to measure"
            return "\(name): \(why), \(wanted)"
        }
        let interval =
            estimate.high.isFinite
            ? "[\(figure(estimate.low)), \(figure(estimate.high))]"
            : "(one replication has no interval)"
        return "\(name) \(figure(estimate.value)) \(interval), \(wanted)"
    }

    private func figure(_ value: Double) -> String {
        target.isShare
            ? String((value * 10_000).rounded() / 10_000)
            : "\((value / 1e4).rounded() / 100) ms"
    }
}

extension TargetCheck.Target {
    fileprivate var rule: Rule {
        switch self {
        case .ttftP95: .ttft
        case .itlP95: .itl
        case .attainment: .attainment
        case .stability: .stability
        }
    }
}

extension Double {
    /// A share in per cent with one decimal.
    var percent: String { "\((self * 1000).rounded() / 10) %" }
}
