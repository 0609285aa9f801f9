import Deploying

/// The rules of checks.
public enum RuleListing {
    public static var table: TextTable {
        var table = TextTable([("rule", .left), ("severity", .left), ("what it looks at", .left)])
        for rule in Rule.allCases { table.append([rule.id, rule.severity.rawValue, rule.title]) }
        return table
    }

    public static var value: JSONValue {
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
