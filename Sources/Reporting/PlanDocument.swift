import CostModeling
public import Planning
public import ServingDomain
import Simulation

/// A planning result as the versioned document that other tools read.
///
/// Wire names are fixed here, apart from the domain's property names. Latencies are in
/// milliseconds, shares are fractions, bandwidths are decimal gigabytes per second.
public struct PlanDocument: Sendable {
    /// What the commands know beside the result.
    public struct Provenance: Sendable {
        /// The case with every default written out, in the keys of a case file.
        public var resolvedCase: JSONValue
        public var assumptions: [(key: String, value: String, source: String)]
        public var profileDigest: String
        public var profileSource: String
        /// How far predicted means are off with most deployments; nil where nobody knows.
        public var interval: PredictionInterval?
        public var warnings: [String]
        public var toolVersion: String

        public init(
            resolvedCase: JSONValue, assumptions: [(key: String, value: String, source: String)],
            profileDigest: String, profileSource: String, interval: PredictionInterval? = nil,
            warnings: [String], toolVersion: String
        ) {
            self.resolvedCase = resolvedCase
            self.assumptions = assumptions
            self.profileDigest = profileDigest
            self.profileSource = profileSource
            self.interval = interval
            self.warnings = warnings
            self.toolVersion = toolVersion
        }
    }

    public let result: PlanResult
    public let provenance: Provenance

    public init(result: PlanResult, provenance: Provenance) {
        self.result = result
        self.provenance = provenance
    }

    public static let apiVersion = "ampd-plan/v1"

    /// The document.
    public var value: JSONValue {
        [
            "apiVersion": .string(Self.apiVersion),
            "kind": "PlanResult",
            "tool_version": .string(provenance.toolVersion),
            "seed": .integer(Int(clamping: result.planningCase.planning.seed)),
            "case": provenance.resolvedCase,
            "assumptions": provenance.assumptionValues,
            "profile": provenance.profile(result.trust),
            "milp_objective": JSONValue(finite: result.selection?.objective),
            "solver": [
                "status": .string(result.selection?.status ?? "not_needed"),
                "gap": JSONValue(finite: result.selection?.gap),
                "bound": JSONValue(finite: result.selection?.bound),
            ],
            "interrupted": .bool(result.isInterrupted),
            "search": searchValue(result.search), "screen": screen, "audit": audit,
            "engine": engine,
            "orders_disagree": .bool(result.ordersDisagree),
            "verdict": .string(result.verdict.rawValue),
            "plans": .array(
                result.plans.map(plan)),
            "rejected": .array(
                result.rejected.map {
                    ["layout": .string($0.layout), "reason": .string($0.reason)]
                }),
            "warnings": .array(provenance.warnings.map(JSONValue.string)),
        ]
    }

    /// What was found for GPUs or rate; null where neither was looked for.
    func searchValue(_ search: SearchOutcome?) -> JSONValue {
        guard let search else { return .null }
        return [
            "found": .bool(search.isFound), "gpus": .integer(search.budget.value),
            "usd_limit_per_hour": limit(search.usdPerHour), "rate_per_s": rate(search.rate),
            "steps": .array(
                search.steps.map { step in
                    [
                        "gpus": .integer(step.budget.value),
                        "usd_limit_per_hour": limit(step.usdPerHour),
                        "rate_per_s": rate(step.rate),
                        "layout": .string(step.layout.description),
                        "verdict": .string(step.verdict.rawValue),
                        "sessions": .integer(step.sessions),
                    ]
                }),
        ]
    }

    /// Null in a closed loop, which has none.
    private func rate(_ rate: Rate) -> JSONValue {
        JSONValue(
            finite: rate.sessionsPerSecond.isFinite ? rounded(rate.sessionsPerSecond, 9) : nil)
    }

    /// A limit in whole cents, rounded up.
    private func limit(_ perHour: Double?) -> JSONValue {
        JSONValue(finite: perHour.map { rounded(($0 * 100 - 1e-6).rounded(.up) / 100, 2) })
    }

    private func dollars(_ perHour: Double?) -> JSONValue {
        JSONValue(finite: perHour.map { rounded($0, 6) })
    }

    func plan(_ plan: RankedPlan) -> JSONValue {
        let (prefill, decode, colocated) = plan.deployment.groups
        var members = ReportDocument(
            report: plan.report, service: result.planningCase.service, checks: plan.checks
        ).members
        members["rank"] = .integer(plan.rank)
        members["attainment_difference"] = Self.difference(plan.gap?.difference)
        members["milp_rank"] = plan.milpRank.map(JSONValue.integer) ?? .null
        members["milp_value"] = JSONValue(finite: plan.milpValue)
        members["layout"] = .string(plan.deployment.description)
        members["prefill"] = .array(prefill.map(group))
        members["decode"] = .array(decode.map(group))
        members["colocated"] = .array(colocated.map(group))
        members["gpus"] = .integer(plan.deployment.gpus.value)
        members["incumbent"] = .bool(
            plan.deployment == result.planningCase.planning.incumbent)
        members["survival"] = survival(of: plan)
        members["usd_per_hour"] = dollars(plan.usdPerHour)
        members["engine_refuses"] = refusals(of: plan.deployment)
        members["engine_settings"] = settings(for: plan.deployment)
        return .object(members)
    }

    /// Against the first plan; null for that itself, and without a steady state.
    static func difference(_ difference: Estimate?) -> JSONValue {
        guard let difference else { return .null }
        func figure(_ value: Double) -> JSONValue { .number(rounded(min(1, max(-1, value)), 6)) }
        return [
            "value": figure(difference.value), "low": figure(difference.low),
            "high": figure(difference.high),
        ]
    }

    private func group(_ group: WorkerGroup) -> JSONValue {
        [
            "pool": .string(group.pool),
            "parallelism": [
                "tp": .integer(group.parallelism.tensor.value),
                "pp": .integer(group.parallelism.pipeline),
                "dp": .integer(group.parallelism.data),
                "ep": .integer(group.parallelism.expert),
            ],
            "replicas": .integer(group.replicas),
        ]
    }
}

extension TrustShares {
    /// Share of step time by trust.
    var value: JSONValue {
        .object(
            Dictionary(
                uniqueKeysWithValues: shares.map {
                    ($0.key.rawValue, .number(rounded($0.value, 4)))
                }
            ))
    }
}

extension PlanDocument.Provenance {
    var assumptionValues: JSONValue {
        .array(
            assumptions.map { entry in
                [
                    "key": .string(entry.key), "value": .string(entry.value),
                    "source": .string(entry.source),
                ]
            })
    }

    func profile(_ trust: TrustShares) -> JSONValue {
        [
            "trust": .string(trust.headline.rawValue), "trust_shares": trust.value,
            "digest": .string(profileDigest), "source": .string(profileSource),
            "prediction_interval": intervalValue,
        ]
    }

    private var intervalValue: JSONValue {
        guard let interval else { return .null }
        return [
            "level": .number(PredictionInterval.level),
            "ttft_factor": .number(interval.ttftFactor),
            "tpot_factor": .number(interval.tpotFactor), "source": .string(interval.source),
        ]
    }
}

extension Deployment {
    /// Groups by role; roles that the layout does not have are empty.
    public var groups: (prefill: [WorkerGroup], decode: [WorkerGroup], colocated: [WorkerGroup]) {
        switch self {
        case .disaggregated(let prefill, let decode): (prefill, decode, [])
        case .colocated(let groups): ([], [], groups)
        }
    }
}
