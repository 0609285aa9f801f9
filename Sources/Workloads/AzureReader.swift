import ServingDomain

/// Azure's public LLM inference traces of 2023 and 2024: requests with their dates, no sessions.
struct AzureReader: TraceLineReader {
    static let columns = ["TIMESTAMP", "ContextTokens", "GeneratedTokens"]

    private var places: [Int]?
    private var width = 0
    private var sessions = SessionAssembly()
    private var statistics = TraceStatistics(gapMeaning: .delay)

    mutating func read(_ line: TraceLine) throws(WorkloadError) {
        guard let row = CSVFields.split(line.text) else {
            throw .badLine(
                line: line.number, found: "an open quote", expected: "quotes closed on their line")
        }
        guard let places else { return try readHeader(row, line: line.number) }
        guard row.count == width else {
            throw .badLine(
                line: line.number, found: "\(row.count) fields",
                expected: "\(width), as in the header")
        }
        let fields = TraceFields(line: line.number)
        guard let start = CalendarTime.nanoseconds(row[places[0]]) else {
            throw fields.bad(
                Self.columns[0], TraceValue(text: row[places[0]]),
                expected: "a date and a time such as 2023-11-16 18:15:46.6805900")
        }
        let prompt = try fields.tokens(Self.columns[1], TraceValue(text: row[places[1]]))
        let output = try fields.tokens(Self.columns[2], TraceValue(text: row[places[2]]))
        sessions.add(
            to: sessions.open(arrival: start), newTokens: prompt, outputTokens: output,
            delayAfter: 0)
        statistics.add(
            TraceStatistics.Call(
                isFirst: true, prompt: prompt, fresh: prompt, output: output, start: start))
        statistics.endSession(rounds: 1)
    }

    func finish() throws(WorkloadError) -> RecordedTrace {
        try sessions.trace(
            .azure, statistics: statistics,
            notes: [
                """
                The trace links no requests to sessions: every request is a session of one round, and \
                what prompts share is not known.
                """
            ])
    }

    private mutating func readHeader(_ names: [String], line: Int) throws(WorkloadError) {
        var places: [Int] = []
        for column in Self.columns {
            guard let place = names.firstIndex(of: column) else {
                throw .missingColumn(line: line, column: column, found: names)
            }
            places.append(place)
        }
        self.places = places
        width = names.count
    }
}
