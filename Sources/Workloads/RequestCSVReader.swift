import ServingDomain

/// A CSV of single requests whose arrivals are given for a rate of one per second.
///
/// Another rate divides the arrivals, so that a request comes at `arrival_unit_rate_s` over the
/// rate, whatever mean rate its neighbours happen to have.
struct RequestCSVReader: TraceLineReader {
    static let arrival = "arrival_unit_rate_s"
    private static let prompt = "prompt_tokens"
    private static let steps = "decode_steps"

    /// Places of the three columns that are read.
    private struct Columns {
        let arrival: Int
        let prompt: Int
        let steps: Int
        /// Fields of a row.
        let width: Int
    }

    private var columns: Columns?
    private var ignored: [String] = []
    private var sessions = SessionAssembly()
    private var earliest = Int64.max

    mutating func read(_ line: TraceLine) throws(WorkloadError) {
        guard let row = CSVFields.split(line.text) else {
            throw .badLine(
                line: line.number, found: "an open quote", expected: "quotes closed on their line")
        }
        guard let columns else { return try readHeader(row, line: line.number) }
        guard row.count == columns.width else {
            throw .badLine(
                line: line.number, found: "\(row.count) fields",
                expected: "\(columns.width), as in the header")
        }
        let fields = TraceFields(line: line.number)
        let arrival = try fields.time(Self.arrival, TraceValue(text: row[columns.arrival]))
        earliest = min(earliest, arrival)
        let steps = try fields.tokens(Self.steps, TraceValue(text: row[columns.steps]))
        sessions.add(
            to: sessions.open(arrival: arrival),
            newTokens: try fields.tokens(Self.prompt, TraceValue(text: row[columns.prompt])),
            outputTokens: steps + 1, delayAfter: 0)
    }

    func finish() throws(WorkloadError) -> RecordedTrace {
        var notes = ["A request of n decode_steps has n + 1 output tokens."]
        if !ignored.isEmpty {
            notes.append("Columns that are not read: \(ignored.joined(separator: ", ")).")
        }
        if earliest > 0, earliest < .max {
            notes.append("Arrivals were moved so that the first request comes at 0.")
        }
        let trace = try sessions.trace(.requests, notes: notes)
        return RecordedTrace(
            sessions: trace.sessions.nominally(Rate(sessionsPerSecond: 1)), format: trace.format,
            notes: trace.notes, statistics: trace.statistics)
    }

    private mutating func readHeader(_ names: [String], line: Int) throws(WorkloadError) {
        let wanted = [Self.arrival, Self.prompt, Self.steps]
        var places: [Int] = []
        for name in wanted {
            let found = names.indices.filter { names[$0] == name }
            guard let place = found.first else {
                throw .missingColumn(line: line, column: name, found: names)
            }
            guard found.count == 1 else {
                throw .badLine(line: line, found: "two columns \(name)", expected: "one")
            }
            places.append(place)
        }
        ignored = names.filter { !wanted.contains($0) }
        columns = Columns(
            arrival: places[0], prompt: places[1], steps: places[2], width: names.count)
    }
}
