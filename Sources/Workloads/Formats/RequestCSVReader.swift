import ServingDomain

/// A CSV of single requests whose arrivals are given for a rate of one per second.
///
/// Another rate divides the arrivals, so that a request comes at `arrival_unit_rate_s` over the
/// rate, whatever mean rate its neighbours happen to have.
struct RequestCSVReader: TraceLineReader {
    static let arrival = "arrival_unit_rate_s"

    private var table = CSVTable(required: [Self.arrival, "prompt_tokens", "decode_steps"])
    private var sessions: TraceRecorder
    private var earliest = Int64.max

    init(_ purpose: TracePurpose) { sessions = TraceRecorder(purpose) }

    mutating func begin(file name: String) { table.beginFile() }

    mutating func read(_ line: TraceLine) throws(WorkloadError) {
        guard let row = try table.row(line) else { return }
        let arrival = try row.time(0)
        earliest = min(earliest, arrival)
        let steps = try row.tokens(2)
        guard steps < Int(Int32.max) else {
            throw row.fields.bad(
                "decode_steps", .whole(steps), expected: "fewer than \(Int32.max) steps")
        }
        let session = sessions.open(arrival: arrival)
        sessions.add(
            TraceRecorder.Round(newTokens: try row.tokens(1), outputTokens: steps + 1), to: session)
        sessions.close(session)
    }

    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        var notes = ["A request of n decode_steps has n + 1 output tokens."]
        if !table.ignored.isEmpty {
            notes.append("Columns that are not read: \(table.ignored.joined(separator: ", ")).")
        }
        if earliest > 0, earliest < .max {
            notes.append("Arrivals were moved so that the first request comes at 0.")
        }
        let trace = try sessions.finish(.requestsCSV, notes: notes)
        return trace.with(trace.sessions.nominally(Rate(sessionsPerSecond: 1)))
    }
}
