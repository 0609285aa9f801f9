import ServingDomain
import Simulation

/// The JSON Schema (2020-12) of a plan document.
public enum PlanSchema {
    public static var json: String {
        get throws { try document.json() }
    }

    static var document: JSONValue {
        body.with([
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "https://ampd-plan.invalid/schema/v1/plan.json",
            "title": "PlanResult",
            "$defs": .object(definitions),
        ])
    }

    /// The rule of a whole plan document, which refers to the definitions.
    static var body: JSONValue { object(topLevel) }

    /// What documents with figures of simulations refer to.
    private static var definitions: [String: JSONValue] {
        ["latency": latency, "group": group, "check": check, "plan": plan]
    }

    /// The definitions that the text of a schema refers to, and those that they refer to.
    static func used(in text: String) -> [String: JSONValue] {
        let isUsed = { (text: String, name: String) in text.contains("\"#/$defs/\(name)\"") }
        var used = definitions.filter { isUsed(text, $0.key) }
        if used["plan"] != nil { used = definitions }
        return used
    }

    private static var topLevel: [String: JSONValue] {
        [
            "apiVersion": ["const": .string(PlanDocument.apiVersion)],
            "kind": ["const": "PlanResult"],
            "tool_version": text, "seed": integer,
            "case": ["type": "object"],
            "assumptions": assumptions,
            "profile": profile,
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
        let groups = list(["$ref": "#/$defs/group"])
        let own: [String: JSONValue] = [
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
        ]
        return object(report.merging(own) { $1 }, optional: reportOptions)
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
    static var tenant: JSONValue {
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
    static var jobs: JSONValue {
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

    static let cautions = Caution.allCases.map { JSONValue.string($0.rawValue) }

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
    static let headline = oneOf([
        "session_strict", "round_joint", "ttft_only", "itl_only",
    ])

    static let itlStatistic = oneOf(["mean", "p95", "p99", "max"])

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
