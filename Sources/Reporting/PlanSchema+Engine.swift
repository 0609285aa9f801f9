/// What the engine can run of a plan.
extension PlanSchema {
    static let engineRule = oneOf(["degree_pairs", "local_prefill", "history_read_back"])

    static var engine: JSONValue {
        object([
            "rules": oneOf(["obey", "ignore"]),
            "refuses_policy": list(object(["rule": engineRule, "message": text])),
            "runnable": [
                "type": ["object", "null"], "additionalProperties": false,
                "required": ["changes", "plans", "search", "verdict"],
                "properties": [
                    "changes": list(
                        object(["key": text, "from": text, "to": text, "reason": text])),
                    "search": search, "verdict": verdict,
                    "plans": list(["$ref": "#/$defs/plan"]),
                ],
            ],
        ])
    }
}
