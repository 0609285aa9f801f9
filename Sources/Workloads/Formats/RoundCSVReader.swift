import ServingDomain

/// Our CSV: one round per line, or one single-round session per line where there is no session.
struct RoundCSVReader: TraceLineReader {
    private static let known = [
        "session_id", "round", "arrival_s", "new_tokens", "output_tokens", "delay_after_s",
        "prefix", "prefix_tokens", "tool", "history_tokens", "tenant",
    ]

    /// Place of each column in a row; looked up by name, never iterated.
    private var columns: [String: Int]?
    private var width = 0
    private var ignored: [String] = []
    private var sessions: TraceRecorder
    private var sessionIndex: [String: Int] = [:]
    /// Round number of each session's first row, 0 or 1.
    private var firstRound: [Int] = []
    /// Looked up by the session's place, never iterated.
    private var tenants: [Int: Int16] = [:]

    init(_ purpose: TracePurpose) { sessions = TraceRecorder(purpose) }

    mutating func begin(file name: String) {
        columns = nil
        // Names of sessions mean nothing across files.
        sessionIndex = [:]
    }

    mutating func read(_ line: TraceLine) throws(WorkloadError) {
        guard let fields = CSVFields.split(try line.text()) else {
            throw .badLine(
                line: line.number, found: "an open quote", expected: "quotes closed on their line")
        }
        guard columns != nil else { return try readHeader(fields, line: line.number) }
        guard fields.count == width else {
            throw .badLine(
                line: line.number, found: "\(fields.count) fields",
                expected: "\(width), as in the header")
        }
        try readRow(fields, TraceFields(line: line.number))
    }

    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        var notes: [String] = []
        if !ignored.isEmpty {
            notes.append("Columns that are not read: \(ignored.joined(separator: ", ")).")
        }
        if columns?["arrival_s"] == nil {
            notes.append(
                "The trace has no arrival_s: arrivals follow the law of the run instead.")
        }
        return try sessions.finish(.sessionsCSV, notes: notes)
    }

    private mutating func readHeader(_ names: [String], line: Int) throws(WorkloadError) {
        var columns: [String: Int] = [:]
        for (index, name) in names.enumerated() {
            guard columns.updateValue(index, forKey: name) == nil else {
                throw .badLine(line: line, found: "two columns \(name)", expected: "one")
            }
        }
        var required = ["new_tokens", "output_tokens"]
        if columns["round"] != nil { required.append("session_id") }
        for column in required where columns[column] == nil {
            throw .missingColumn(line: line, column: column, found: names)
        }
        ignored = names.filter { !Self.known.contains($0) }
        width = names.count
        self.columns = columns
    }

    private mutating func readRow(_ row: [String], _ fields: TraceFields) throws(WorkloadError) {
        let session = try session(of: row, fields)
        let isFirst = sessions.roundCount(of: session) == 0
        let new = try fields.tokens("new_tokens", value("new_tokens", row))
        let kept = try filled("history_tokens", row).map { (text) throws(WorkloadError) in
            try fields.tokens("history_tokens", TraceValue(text: text))
        }
        let output = try fields.tokens("output_tokens", value("output_tokens", row))
        sessions.add(
            sessions.round(of: session, keeping: kept, newTokens: new, outputTokens: output),
            to: session)
        sessions.wait(try time("delay_after_s", row, fields) ?? 0, in: session)
        try sessions.set(
            tool: sessions.vocabulary.tool(text("tool", row) ?? "", fields), of: session)
        try readPrefix(row, fields, session, isFirst: isFirst)
        try readTenant(row, fields, session, isFirst: isFirst)
        if columns?["session_id"] == nil { sessions.close(session) }
    }

    /// Later rows leave the tenant empty or repeat it.
    private mutating func readTenant(
        _ row: [String], _ fields: TraceFields, _ session: Int, isFirst: Bool
    ) throws(WorkloadError) {
        guard let name = filled("tenant", row) else { return }
        let label = try sessions.vocabulary.tenant(name, fields)
        guard isFirst || tenants[session] == label else {
            throw fields.bad(
                "tenant", .other("'\(name)'"),
                expected: "nothing, or the tenant of the session as on its first row")
        }
        tenants[session] = label
        sessions.set(tenant: label, of: session)
    }

    /// Later rows leave the prefix empty or repeat it.
    private mutating func readPrefix(
        _ row: [String], _ fields: TraceFields, _ session: Int, isFirst: Bool
    ) throws(WorkloadError) {
        let name = filled("prefix", row)
        let tokens = filled("prefix_tokens", row).map(TraceValue.init(text:))
        if isFirst {
            return try sessions.setPrefix(name, tokens: tokens, of: session, fields)
        }
        guard let name else { return }
        guard
            try sessions.vocabulary.prefix(name, tokens: tokens, fields)
                == sessions.prefix(of: session)
        else {
            throw fields.bad(
                "prefix", .other("'\(name)'"),
                expected: "nothing, or the prefix of the session as on its first row")
        }
    }

    /// The session that a row belongs to, opened where the row is its first.
    private mutating func session(
        of row: [String], _ fields: TraceFields
    ) throws(WorkloadError) -> Int {
        guard let id = text("session_id", row) else {
            return try open(row, fields)
        }
        guard !id.isEmpty else {
            throw fields.bad("session_id", nil, expected: "the name of a session")
        }
        if let session = sessionIndex[id] {
            try checkArrival(row, fields, session)
            try checkRound(row, fields, session, id)
            return session
        }
        let session = try open(row, fields)
        sessionIndex[id] = session
        firstRound.append(try number(ofFirstRound: row, fields))
        return session
    }

    private mutating func open(
        _ row: [String], _ fields: TraceFields
    ) throws(WorkloadError) -> Int {
        guard columns?["arrival_s"] != nil else { return sessions.open(arrival: nil) }
        guard let arrival = try time("arrival_s", row, fields) else {
            throw fields.bad("arrival_s", nil, expected: "seconds on the first row of a session")
        }
        return sessions.open(arrival: arrival)
    }

    /// Later rows leave the arrival empty or repeat it.
    private func checkArrival(
        _ row: [String], _ fields: TraceFields, _ session: Int
    ) throws(WorkloadError) {
        guard let arrival = try time("arrival_s", row, fields) else { return }
        guard arrival == sessions.arrival(of: session) else {
            throw fields.bad(
                "arrival_s", value("arrival_s", row),
                expected: "nothing, or the arrival of the session as on its first row")
        }
    }

    private func number(
        ofFirstRound row: [String], _ fields: TraceFields
    ) throws(WorkloadError) -> Int {
        guard let value = value("round", row) else { return 0 }
        guard case .whole(let number) = value, number == 0 || number == 1 else {
            throw fields.bad("round", value, expected: "0 or 1 on the first row of a session")
        }
        return number
    }

    private func checkRound(
        _ row: [String], _ fields: TraceFields, _ session: Int, _ id: String
    ) throws(WorkloadError) {
        guard let value = value("round", row) else { return }
        let next = firstRound[session] + sessions.roundCount(of: session)
        guard case .whole(next) = value else {
            throw fields.bad("round", value, expected: "\(next), the next round of session \(id)")
        }
    }

    /// A time in seconds as nanoseconds; `nil` where the column is absent or empty.
    private func time(
        _ column: String, _ row: [String], _ fields: TraceFields
    ) throws(WorkloadError) -> Int64? {
        guard let text = filled(column, row) else { return nil }
        return try fields.time(column, TraceValue(text: text))
    }

    /// The text of a column that is there and not empty.
    private func filled(_ column: String, _ row: [String]) -> String? {
        text(column, row).flatMap { $0.isEmpty ? nil : $0 }
    }

    private func value(_ column: String, _ row: [String]) -> TraceValue? {
        text(column, row).map(TraceValue.init(text:))
    }

    private func text(_ column: String, _ row: [String]) -> String? {
        columns?[column].map { row[$0] }
    }
}
