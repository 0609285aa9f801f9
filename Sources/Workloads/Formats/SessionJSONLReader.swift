import ServingDomain

/// Our JSONL: one session per line.
struct SessionJSONLReader: TraceLineReader {
    private struct Session: Decodable {
        let arrival: TraceValue?
        let rounds: [Round]
        let id: String?
        let parent: String?
        let parentRound: TraceValue?
        let tenant: String?
        let prefix: OneOrMore<String>?
        let prefixTokens: OneOrMore<TraceValue>?

        enum CodingKeys: String, CodingKey {
            case arrival = "arrival_s"
            case rounds, prefix, id, parent, tenant
            case parentRound = "parent_round"
            case prefixTokens = "prefix_tokens"
        }
    }

    private struct Round: Decodable {
        let newTokens: TraceValue?
        let outputTokens: TraceValue?
        let historyTokens: TraceValue?
        let delayAfter: TraceValue?
        let tool: String?

        enum CodingKeys: String, CodingKey {
            case tool
            case historyTokens = "history_tokens"
            case newTokens = "new_tokens"
            case outputTokens = "output_tokens"
            case delayAfter = "delay_after_s"
        }
    }

    private static let expected = #"one session: {"arrival_s": …, "rounds": […]}"#

    private var sessions: TraceRecorder
    /// Looked up by name, never iterated.
    private var named: [String: Int] = [:]

    init(_ purpose: TracePurpose) { sessions = TraceRecorder(purpose) }

    mutating func begin(file name: String) {
        // Names of sessions mean nothing across files.
        named = [:]
    }

    mutating func read(_ line: TraceLine) throws(WorkloadError) {
        let session = try JSONLine.decode(Session.self, from: line, expected: Self.expected)
        let fields = TraceFields(line: line.number)
        guard !session.rounds.isEmpty else {
            throw fields.bad("rounds", .other("an empty list"), expected: "at least one round")
        }
        let index = try open(session, fields)
        for (number, round) in session.rounds.enumerated() {
            try add(round, to: index, at: "rounds[\(number)]", fields)
        }
        try setPrefix(session, of: index, fields)
        // Sessions with a name may still start others.
        if session.id == nil { sessions.close(index) }
    }

    /// Opens a session that arrives by itself, or that a session of an earlier line starts.
    private mutating func open(
        _ session: Session, _ fields: TraceFields
    ) throws(WorkloadError) -> Int {
        let index: Int
        if let parent = session.parent {
            index = try openChild(of: parent, session, fields)
        } else {
            guard session.parentRound == nil else {
                throw fields.bad("parent", nil, expected: "a session beside parent_round")
            }
            index = sessions.open(arrival: try fields.time("arrival_s", session.arrival))
            sessions.set(
                tenant: try sessions.vocabulary.tenant(session.tenant ?? "", fields), of: index)
        }
        if let id = session.id, named.updateValue(index, forKey: id) != nil {
            throw fields.bad("id", .other("'\(id)' again"), expected: "a name of its own")
        }
        return index
    }

    private mutating func setPrefix(
        _ session: Session, of index: Int, _ fields: TraceFields
    ) throws(WorkloadError) {
        let (names, tokens) = (session.prefix?.values ?? [], session.prefixTokens?.values ?? [])
        guard tokens.count <= max(1, names.count) else {
            throw fields.bad(
                "prefix_tokens", .other("\(tokens.count) lengths"),
                expected: "\(names.count), one for each prefix")
        }
        guard names.count > 1 else {
            return try sessions.setPrefix(names.first, tokens: tokens.first, of: index, fields)
        }
        guard tokens.isEmpty || tokens.count == names.count else {
            throw fields.bad(
                "prefix_tokens", .other("\(tokens.count) lengths"),
                expected: "\(names.count), one for each prefix")
        }
        try sessions.setPrefixes(
            names.indices.map { (names[$0], tokens.isEmpty ? nil : tokens[$0]) }, of: index, fields)
    }

    private mutating func openChild(
        of name: String, _ session: Session, _ fields: TraceFields
    ) throws(WorkloadError) -> Int {
        guard session.arrival == nil else {
            throw fields.bad(
                "arrival_s", session.arrival,
                expected: "nothing beside parent: the session arrives when parent_round ends")
        }
        guard session.tenant == nil else {
            throw fields.bad(
                "tenant", .other("'\(session.tenant ?? "")'"),
                expected: "nothing beside parent: the session is its parent's tenant's")
        }
        guard let parent = named[name] else {
            throw fields.bad(
                "parent", .other("'\(name)'"), expected: "the id of a session on an earlier line")
        }
        let rounds = sessions.roundCount(of: parent)
        guard case .whole(let round) = session.parentRound, (0..<rounds).contains(round) else {
            throw fields.bad(
                "parent_round", session.parentRound,
                expected: "a round of session '\(name)' from 0 to \(rounds - 1)")
        }
        return sessions.open(startedBy: parent, round: round)
    }

    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        try sessions.finish(.sessionsJSONL, notes: [])
    }

    private mutating func add(
        _ round: Round, to session: Int, at path: String, _ fields: TraceFields
    ) throws(WorkloadError) {
        let delay = round.delayAfter ?? .whole(0)
        let new = try fields.tokens("\(path).new_tokens", round.newTokens)
        let kept = try round.historyTokens.map { (value) throws(WorkloadError) in
            try fields.tokens("\(path).history_tokens", value)
        }
        let output = try fields.tokens("\(path).output_tokens", round.outputTokens)
        sessions.add(
            sessions.round(of: session, keeping: kept, newTokens: new, outputTokens: output),
            to: session)
        sessions.wait(try fields.time("\(path).delay_after_s", delay), in: session)
        try sessions.set(
            tool: sessions.vocabulary.tool(round.tool ?? "", fields), of: session)
    }
}

/// A value, or a list of them.
private struct OneOrMore<Value: Decodable>: Decodable {
    let values: [Value]

    init(from decoder: any Decoder) throws {
        let isList = (try? decoder.unkeyedContainer()) != nil
        values = try isList ? [Value](from: decoder) : [Value(from: decoder)]
    }
}
