import ServingDomain
import Simulation

/// The JSON Schema (2020-12) of a plan document.
public enum PlanSchema {
    public static var json: String {
        get throws { try document.json() }
    }

    static var document: JSONValue {
        [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "https://ampd-plan.invalid/schema/v1/plan.json",
            "title": "PlanResult",
            "type": "object",
            "additionalProperties": false,
            "required": .array(topLevel.keys.sorted().map(JSONValue.string)),
            "properties": .object(topLevel),
            "$defs": [
                "latency": latency, "group": group, "check": check, "plan": plan,
            ],
        ]
    }

    private static var topLevel: [String: JSONValue] {
        [
            "apiVersion": ["const": .string(PlanDocument.apiVersion)],
            "kind": ["const": "PlanResult"],
            "tool_version": text, "seed": integer,
            "case": ["type": "object"],
            "assumptions": list(object(["key": text, "value": text, "source": text])),
            "profile": object([
                "trust": oneOf(Trust.allCases.map(\.rawValue)),
                "trust_shares": ["type": "object", "additionalProperties": share],
                "digest": text, "source": text,
                "prediction_interval": [
                    "type": ["object", "null"],
                    "properties": [
                        "level": number, "ttft_factor": number, "tpot_factor": number,
                        "source": text,
                    ],
                ],
            ]),
            "milp_objective": ["type": ["number", "null"]],
            "interrupted": ["type": "boolean"],
            "search": search, "screen": screen, "audit": audit, "engine": engine,
            "solver": object([
                "status": text, "gap": ["type": ["number", "null"]],
                "bound": ["type": ["number", "null"]],
            ]),
            "orders_disagree": ["type": "boolean"],
            "verdict": verdict,
            "plans": list(["$ref": "#/$defs/plan"]),
            "rejected": list(object(["layout": text, "reason": text])),
            "warnings": list(text),
        ]
    }

    private static var plan: JSONValue {
        let latency: JSONValue = ["$ref": "#/$defs/latency"]
        let groups = list(["$ref": "#/$defs/group"])
        return object(
            [
                "rank": ["type": "integer", "minimum": 1],
                "attainment_difference": difference,
                "milp_rank": ["type": ["integer", "null"]],
                "milp_value": ["type": ["number", "null"]],
                "layout": text, "prefill": groups, "decode": groups, "colocated": groups,
                "gpus": ["type": "integer", "minimum": 1],
                "survival": survival,
                "incumbent": ["type": "boolean"],
                "usd_per_hour": dollars,
                "engine_refuses": list(text),
                "engine_settings": list(
                    object(["rule": engineRule, "setting": text, "source": text])),
                "ttft_ms": latency, "itl_ms": latency, "tpot_ms": latency, "e2e_ms": latency,
                "memory_wait_ms": latency, "transfer_ms": latency,
                "attainment": object([
                    "headline": headline, "itl_statistic": itlStatistic, "value": share,
                    "low": share, "high": share,
                    "caution": ["enum": .array(cautions + [.null])],
                    "horizon_sessions": ["type": ["integer", "null"], "minimum": 1],
                ]),
                "attainment_by_rule": [
                    "type": "object", "propertyNames": headline, "additionalProperties": share,
                ],
                "attainment_by_itl_statistic": [
                    "type": "object", "propertyNames": itlStatistic,
                    "additionalProperties": [
                        "type": "object", "propertyNames": headline,
                        "additionalProperties": object([
                            "value": share, "low": share, "high": share,
                        ]),
                    ],
                ],
                "utilisation": object([
                    "prefill": share, "decode": share, "kv_memory_peak": share,
                    "transfer_port_max": ["type": ["number", "null"], "minimum": 0, "maximum": 1],
                ]),
                "warm_up": object([
                    "sessions_dropped": integer,
                    "sessions_detected": ["type": ["integer", "null"], "minimum": 0],
                    "complete": ["type": "boolean"],
                ]),
                "local_prefill_share": share, "replications": integer,
                "sessions_simulated": integer, "rounds_simulated": integer,
                "new_tokens_simulated": integer, "output_tokens_simulated": integer,
                "kv_evictions": integer,
                "tokens_recomputed": integer, "tokens_from_host": integer,
                "sessions_refused": integer,
                "extrapolated": ["type": "boolean"], "extrapolated_share": share,
                "overload": ["type": "boolean"],
                "checks": list(["$ref": "#/$defs/check"]),
                "verdict": verdict,
            ],
            optional: [
                "jobs": jobs, "tenants": list(tenant), "throughput_sessions_per_s": number,
            ])
    }

    private static let dollars: JSONValue = ["type": ["number", "null"], "minimum": 0]

    /// How GPUs, dollars or a rate were looked for; null where neither was.
    static var search: JSONValue {
        [
            "type": ["object", "null"], "additionalProperties": false,
            "required": ["found", "gpus", "rate_per_s", "steps", "usd_limit_per_hour"],
            "properties": [
                "found": ["type": "boolean"], "gpus": integer, "usd_limit_per_hour": dollars,
                "rate_per_s": ["type": ["number", "null"]],
                "steps": list(
                    object([
                        "gpus": integer, "usd_limit_per_hour": dollars,
                        "rate_per_s": ["type": ["number", "null"]], "layout": text,
                        "verdict": verdict, "sessions": integer,
                    ])),
            ],
        ]
    }

    /// Figures of one tenant's sessions; there where the workload names tenants.
    private static var tenant: JSONValue {
        let latency: JSONValue = ["$ref": "#/$defs/latency"]
        return object([
            "name": text, "ttft_limit_ms": number, "itl_limit_ms": number,
            "sessions": integer, "rounds": integer, "ttft_ms": latency, "itl_ms": latency,
            "tpot_ms": latency, "e2e_ms": latency,
            "attainment": [
                "type": "object", "propertyNames": headline,
                "additionalProperties": object(["value": share, "low": share, "high": share]),
            ],
        ])
    }

    /// Figures of sessions with all that they start; there where sessions start others.
    private static var jobs: JSONValue {
        object([
            "completion_ms": ["$ref": "#/$defs/latency"], "count": integer, "refused": integer,
            "attainment": object(["value": share, "low": share, "high": share]),
        ])
    }

    private static var latency: JSONValue {
        let figure: JSONValue = ["type": ["number", "null"], "minimum": 0]
        let names = ServingStatistic.Figure.allCases.map(\.rawValue)
        var members: [String: JSONValue] = [
            "samples": integer,
            "cautions": [
                "type": "object", "propertyNames": oneOf(names),
                "additionalProperties": ["enum": .array(cautions)],
            ],
        ]
        for name in names {
            for end in ["", "_low", "_high"] { members[name + end] = figure }
        }
        return object(members)
    }

    private static let cautions = Caution.allCases.map { JSONValue.string($0.rawValue) }

    private static var group: JSONValue {
        let degree: JSONValue = ["type": "integer", "minimum": 1]
        return object([
            "pool": text, "replicas": degree,
            "parallelism": object(["tp": degree, "pp": degree, "dp": degree, "ep": degree]),
        ])
    }

    private static var check: JSONValue {
        let figure: JSONValue = ["type": ["number", "null"]]
        return object([
            "target": oneOf(["ttft_p95", "itl_p95", "attainment", "stability"]),
            "tenant": ["type": ["string", "null"]],
            "unit": oneOf(["ms", "fraction"]), "limit": number, "value": figure, "low": figure,
            "high": figure, "miss": figure, "verdict": verdict,
        ])
    }

    static let text: JSONValue = ["type": "string"]
    static let number: JSONValue = ["type": "number"]
    static let integer: JSONValue = ["type": "integer", "minimum": 0]
    static let share: JSONValue = ["type": "number", "minimum": 0, "maximum": 1]
    static let verdict = oneOf(["pass", "fail", "undecided"])
    private static let headline = oneOf([
        "session_strict", "round_joint", "ttft_only", "itl_only",
    ])

    private static let itlStatistic = oneOf(["mean", "p95", "p99", "max"])

    static func oneOf(_ words: [String]) -> JSONValue {
        ["enum": .array(words.map(JSONValue.string))]
    }

    static func list(_ items: JSONValue) -> JSONValue { ["type": "array", "items": items] }

    /// An object with all of these members, and perhaps the optional ones.
    static func object(
        _ members: [String: JSONValue], optional: [String: JSONValue] = [:]
    ) -> JSONValue {
        [
            "type": "object", "additionalProperties": false,
            "required": .array(members.keys.sorted().map(JSONValue.string)),
            "properties": .object(members.merging(optional) { own, _ in own }),
        ]
    }
}
