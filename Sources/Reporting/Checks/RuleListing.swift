import Deploying

/// The rules of checks.
public struct RuleListing: Answer {
    public init() {}

    public var table: TextTable {
        var table = TextTable(
            [("rule", .left), ("severity", .left), ("what it looks at", .left)],
            extra: [("what to do", .left)])
        for rule in Rule.allCases {
            table.append([rule.id, rule.severity.rawValue, rule.title, rule.advice])
        }
        return table
    }

    public var value: JSONValue {
        .array(
            Rule.allCases.map { rule in
                [
                    "rule": .string(rule.id), "severity": .string(rule.severity.rawValue),
                    "title": .string(rule.title), "explanation": .string(rule.explanation),
                    "advice": .string(rule.advice),
                ]
            })
    }
}

extension RuleListing {
    static var shape: DocumentShape {
        .list(
            .object([
                "rule": .text, "severity": .oneOf(Severity.allCases.map(\.rawValue)),
                "title": .text, "explanation": .text, "advice": .text,
            ]))
    }
}
