import Reporting

/// One thing that the tool needs, and how it was found.
struct HealthCheck: Sendable {
    enum State: String, Sendable, CaseIterable {
        case ok
        /// Some commands go without it, or soon may not.
        case warning
        /// Something is broken.
        case error
    }

    let subject: String
    let state: State
    let finding: String
    /// What to do; empty where there is nothing to do.
    let advice: String

    init(_ subject: String, _ state: State, _ finding: String, advice: String = "") {
        self.subject = subject
        self.state = state
        self.finding = finding
        self.advice = advice
    }
}

/// All checks as an answer.
struct HealthReport: Answer {
    let checks: [HealthCheck]

    /// The worst of all states.
    var state: HealthCheck.State {
        let states = checks.map(\.state)
        return states.contains(.error) ? .error : states.contains(.warning) ? .warning : .ok
    }

    var table: TextTable {
        var table = TextTable([
            ("subject", .left), ("verdict", .left), ("finding", .left), ("what_to_do", .left),
        ])
        for check in checks {
            table.append([check.subject, check.state.rawValue, check.finding, check.advice])
        }
        return table
    }

    var value: JSONValue {
        [
            "apiVersion": .string(PlanDocument.apiVersion), "kind": "HealthReport",
            "tool_version": .string(Version.current), "verdict": .string(state.rawValue),
            "checks": .array(
                checks.map { check in
                    [
                        "subject": .string(check.subject), "verdict": .string(check.state.rawValue),
                        "finding": .string(check.finding), "advice": .string(check.advice),
                    ]
                }),
        ]
    }

    var lines: [JSONValue] { value["checks"]?.elements ?? [] }

    static var shape: DocumentShape {
        let state = DocumentShape.oneOf(HealthCheck.State.allCases.map(\.rawValue))
        return .object([
            "apiVersion": .apiVersion, "kind": .const("HealthReport"), "tool_version": .text,
            "verdict": state,
            "checks": .list(
                .object(["subject": .text, "verdict": state, "finding": .text, "advice": .text])),
        ])
    }
}
