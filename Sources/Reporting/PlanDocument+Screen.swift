import Planning
import ServingDomain

extension PlanDocument {
    /// How every layout was screened; null where only proposals were simulated.
    var screen: JSONValue {
        guard let screen = result.screen else { return .null }
        return [
            "layouts": .integer(screen.layouts),
            "given_up": .integer(screen.givenUp),
            "runs": .integer(screen.runs),
            "best": .array(screen.best.map { .string($0.description) }),
            "indifference": .number(ScreenOutcome.indifference),
            "probability_of_good_selection": JSONValue(
                finite: screen.probability.map { rounded($0, 6) }),
            "confidence": .number(ScreenOutcome.confidence),
            "regret_bound": JSONValue(finite: screen.regretBound.map { rounded($0, 6) }),
        ]
    }

    /// What the proposals missed; null where that was not asked for.
    var audit: JSONValue {
        guard let audit = result.audit else { return .null }
        return [
            "chosen": .string(audit.chosen.description),
            "best": .string(audit.best.description),
            "milp_rank": audit.milpRank.map(JSONValue.integer) ?? .null,
            "regret": PlanDocument.difference(audit.regret),
        ]
    }
}

extension PlanSchema {
    /// An attainment minus another with its interval.
    static var difference: JSONValue {
        [
            "type": ["object", "null"], "additionalProperties": false,
            "required": ["high", "low", "value"],
            "properties": ["value": number, "low": number, "high": number],
        ]
    }

    static var screen: JSONValue {
        let shareOrNull: JSONValue = ["type": ["number", "null"], "minimum": 0, "maximum": 1]
        return objectOrNull([
            "layouts": integer, "given_up": integer, "runs": integer,
            "best": ["type": "array", "items": text], "indifference": share,
            "probability_of_good_selection": shareOrNull, "confidence": share,
            "regret_bound": shareOrNull,
        ])
    }

    static var audit: JSONValue {
        objectOrNull([
            "chosen": text, "best": text, "milp_rank": ["type": ["integer", "null"]],
            "regret": difference,
        ])
    }

    private static func objectOrNull(_ properties: [String: JSONValue]) -> JSONValue {
        [
            "type": ["object", "null"], "additionalProperties": false,
            "required": .array(properties.keys.sorted().map(JSONValue.string)),
            "properties": .object(properties),
        ]
    }
}
