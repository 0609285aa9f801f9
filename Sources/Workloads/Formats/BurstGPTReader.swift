import ServingDomain

/// BurstGPT's traces: single requests, of conversations where there is a session column.
struct BurstGPTReader: TraceLineReader {
    static let columns = ["Timestamp", "Request tokens", "Response tokens"]
    private static let sessionColumn = "Session ID"
    private static let elapsedColumn = "Elapsed time"

    private var table = CSVTable(
        required: Self.columns, optional: [Self.sessionColumn, Self.elapsedColumn])
    private var sessions: TraceRecorder
    /// Looked up by name, never iterated.
    private var open: [String: State] = [:]
    private var failed = 0
    private var hasSessions = false
    private var hasElapsed = false

    /// A session that may go on.
    private struct State {
        let session: Int
        /// Nanoseconds of its last call.
        var start: Int64
        var end: Int64?
        var context: Int
    }

    init(_ purpose: TracePurpose) { sessions = TraceRecorder(purpose) }

    mutating func begin(file name: String) {
        table.beginFile()
        // Names of sessions mean nothing across files.
        open = [:]
    }

    mutating func read(_ line: TraceLine) throws(WorkloadError) {
        guard let row = try table.row(line) else { return }
        let (start, prompt, output) = (try row.time(0), try row.tokens(1), try row.tokens(2))
        guard output > 0 else { return failed += 1 }
        let elapsed = try row.optional(1).map { (value) throws(WorkloadError) in
            try row.fields.time(Self.elapsedColumn, value)
        }
        if elapsed != nil { hasElapsed = true }
        guard let name = row.optionalText(0) else {
            let session = sessions.open(arrival: start)
            sessions.add(
                TraceRecorder.Round(newTokens: prompt, outputTokens: output), to: session)
            return sessions.close(session)
        }
        hasSessions = true
        var state =
            open[name]
            ?? State(session: sessions.open(arrival: start), start: start, end: nil, context: 0)
        if state.context > 0 {
            guard start >= state.start else {
                throw row.fields.bad(
                    Self.columns[0], .number(Double(start) / 1e9),
                    expected: "\(Double(state.start) / 1e9) or more, as the session had before")
            }
            sessions.wait(max(0, start - (state.end ?? state.start)), in: state.session)
        }
        // A prompt that is shorter than what was said before is one without it.
        let holdsHistory = prompt >= state.context
        sessions.add(
            TraceRecorder.Round(
                newTokens: holdsHistory ? prompt - state.context : prompt, outputTokens: output,
                prompt: prompt, start: start),
            to: state.session)
        state = State(
            session: state.session, start: start, end: elapsed.map { Nanoseconds.sum(start, $0) },
            context: prompt + output)
        open[name] = state
    }

    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        var notes: [String] = []
        if failed > 0 {
            notes.append("Requests without a response, which failed, were left out: \(failed).")
        }
        if !hasSessions {
            notes.append(
                """
                The trace links no requests to sessions: every request is a session of one round, and \
                what prompts share is not known.
                """)
        } else if !hasElapsed {
            notes.append(
                """
                Delays are the gaps between the starts of two rounds, and hold the service of the \
                first, which the trace does not tell.
                """)
        }
        sessions.statistics.details = [TraceDetail("failed_requests", .count(failed))]
        return try sessions.finish(.burstGPT, notes: notes)
    }
}
