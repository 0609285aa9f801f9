public import ServingDomain
public import Workloads

/// How many sessions, rounds and tokens a trace, or a part of it, became.
public struct ImportedSessions: Answer, Sendable {
    private let sessions: SessionTable
    private let trace: RecordedTrace
    private let file: String
    private let toolVersion: String

    /// - Parameters:
    ///   - sessions: that were written.
    ///   - trace: that they are of.
    ///   - file: that the sessions went to.
    ///   - toolVersion: of this tool.
    public init(
        _ sessions: SessionTable, of trace: RecordedTrace, file: String, toolVersion: String
    ) {
        self.sessions = sessions
        self.trace = trace
        self.file = file
        self.toolVersion = toolVersion
    }

    private var counts: [(name: String, unit: String, count: Int)] {
        let rounds = sessions.rounds
        return [
            ("jobs", "", sessions.jobCount), ("sessions", "", sessions.count),
            ("rounds", "", rounds.count),
            ("new_tokens", "tokens", rounds.reduce(0) { $0 + Int($1.newTokens) }),
            ("output_tokens", "tokens", rounds.reduce(0) { $0 + Int($1.outputTokens) }),
        ]
    }

    public var table: TextTable {
        var table = TextTable([("quantity", .left), ("unit", .left), ("count", .right)])
        for (name, unit, count) in counts { table.append([name, unit, String(count)]) }
        return table
    }

    public var value: JSONValue {
        var members: [String: JSONValue] = [
            "tool_version": .string(toolVersion), "file": .string(file),
            "format": .string(trace.format.rawValue),
            "are_estimates": .bool(trace.statistics.areEstimates),
            "notes": .array(trace.notes.map(JSONValue.string)),
        ]
        for (name, _, count) in counts { members[name] = .integer(count) }
        return .object(members)
    }
}

extension ImportedSessions {
    static let shape = DocumentShape.object([
        "tool_version": .text, "file": .text, "format": .text, "are_estimates": .flag,
        "notes": .list(.text), "jobs": .count, "sessions": .count, "rounds": .count,
        "new_tokens": .count, "output_tokens": .count,
    ])
}
