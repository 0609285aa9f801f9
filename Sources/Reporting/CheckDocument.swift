public import CostModeling
public import Planning
public import ServingDomain
import Simulation

/// One rule of a check with its outcome.
public struct CheckFinding: Hashable, Sendable {
    public let rule: String
    public let verdict: Verdict
    public let message: String

    public init(rule: String, verdict: Verdict, message: String) {
        self.rule = rule
        self.verdict = verdict
        self.message = message
    }

    public init(_ obstacle: LayoutObstacle) {
        self.init(rule: obstacle.rule.rawValue, verdict: .fail, message: obstacle.message)
    }

    public init(_ check: TargetCheck) {
        let isShare = check.target.isShare
        func figure(_ value: Double) -> String {
            isShare ? String(rounded(value, 4)) : "\(rounded(value / 1e6, 2)) ms"
        }
        let relation = check.target == .attainment ? "at least" : "at most"
        let target = "target\(check.ofTenant) \(relation) \(figure(check.limit))"
        guard let estimate = check.estimate else {
            let why =
                check.verdict == .fail ? "no steady state has this figure" : "nothing to measure"
            self.init(
                rule: check.target.rawValue, verdict: check.verdict, message: "\(why), \(target)")
            return
        }
        let interval =
            estimate.high.isFinite
            ? "[\(figure(estimate.low)), \(figure(estimate.high))]"
            : "(one replication has no interval)"
        self.init(
            rule: check.target.rawValue, verdict: check.verdict,
            message: "\(figure(estimate.value)) \(interval), \(target)")
    }
}

/// The outcome of a check as a document.
public struct CheckDocument: Sendable {
    private let layout: Deployment?
    private let findings: [CheckFinding]
    private let toolVersion: String
    private let trust: TrustShares

    public init(
        layout: Deployment?, findings: [CheckFinding], toolVersion: String, trust: TrustShares
    ) {
        self.layout = layout
        self.findings = findings
        self.toolVersion = toolVersion
        self.trust = trust
    }

    public var verdict: Verdict { .all(findings.map(\.verdict)) }

    public var value: JSONValue {
        [
            "apiVersion": .string(PlanDocument.apiVersion), "kind": "CheckResult",
            "tool_version": .string(toolVersion), "layout": JSONValue(layout?.description),
            "trust": .string(trust.headline.rawValue), "verdict": .string(verdict.rawValue),
            "findings": .array(
                findings.map {
                    [
                        "rule": .string($0.rule), "verdict": .string($0.verdict.rawValue),
                        "message": .string($0.message),
                    ]
                }),
        ]
    }

    public var table: TextTable {
        var table = TextTable([("rule", .left), ("verdict", .left), ("finding", .left)])
        for finding in findings {
            table.append([finding.rule, finding.verdict.rawValue, finding.message])
        }
        if findings.isEmpty { table.append(["case", verdict.rawValue, "schema and memory hold"]) }
        return table
    }
}

extension TargetCheck {
    /// Whose sessions count, as words behind the target's name; empty for all.
    var ofTenant: String {
        guard let tenant else { return "" }
        return tenant.isEmpty ? " of sessions without a tenant" : " of tenant \(tenant)"
    }
}

extension TargetCheck.Target {
    /// Whether figures are fractions; otherwise they are latencies.
    var isShare: Bool { self == .attainment || self == .stability }
}
