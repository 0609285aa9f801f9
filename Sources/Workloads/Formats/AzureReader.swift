import ServingDomain

/// Azure's public LLM inference traces of 2023 and 2024: requests with their dates, no sessions.
struct AzureReader: TraceLineReader {
    static let columns = ["TIMESTAMP", "ContextTokens", "GeneratedTokens"]

    private var table = CSVTable(required: Self.columns)
    private var sessions: TraceRecorder
    /// Dates as they are written down, of the earliest call and the latest.
    private var (first, last): ((start: Int64, date: String)?, (start: Int64, date: String)?)

    init(_ purpose: TracePurpose) { sessions = TraceRecorder(purpose) }

    mutating func begin(file name: String) { table.beginFile() }

    mutating func read(_ line: TraceLine) throws(WorkloadError) {
        guard let row = try table.row(line) else { return }
        let date = row.text(0)
        guard let start = CalendarTime.nanoseconds(date) else {
            throw row.fields.bad(
                Self.columns[0], TraceValue(text: date),
                expected: "a date and a time such as 2023-11-16 18:15:46.6805900")
        }
        let session = sessions.open(arrival: start)
        sessions.add(
            TraceRecorder.Round(newTokens: try row.tokens(1), outputTokens: try row.tokens(2)),
            to: session)
        sessions.close(session)
        if start < first?.start ?? .max { first = (start, date) }
        if start >= last?.start ?? .min { last = (start, date) }
    }

    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        sessions.statistics.checkSums = [
            TraceDetail("first", .text(first?.date ?? "")),
            TraceDetail("last", .text(last?.date ?? "")),
        ]
        return try sessions.finish(
            .azureCSV,
            notes: [
                """
                The trace links no requests to sessions: every request is a session of one round, and \
                what prompts share is not known.
                """
            ])
    }
}
