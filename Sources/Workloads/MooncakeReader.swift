import ServingDomain

/// The JSONL of the Mooncake traces: requests with the hashes of their prompt blocks.
struct MooncakeReader: TraceLineReader {
    private struct Line: Decodable {
        let timestamp: TraceValue?
        let inputLength: TraceValue?
        let outputLength: TraceValue?
        let hashes: [Int]

        enum CodingKeys: String, CodingKey {
            case timestamp
            case inputLength = "input_length"
            case outputLength = "output_length"
            case hashes = "hash_ids"
        }
    }

    private static let expected = """
        one request: {"timestamp": …, "input_length": …, "output_length": …, \
        "hash_ids": [whole numbers]}
        """

    private var requests: [HashedRequest] = []

    mutating func read(_ line: TraceLine) throws(WorkloadError) {
        let request = try JSONLine.decode(Line.self, from: line, expected: Self.expected)
        let fields = TraceFields(line: line.number)
        let input = try fields.tokens("input_length", request.inputLength)
        let blocks = (input + HashedRequest.blockSize - 1) / HashedRequest.blockSize
        guard request.hashes.count == blocks else {
            throw fields.bad(
                "hash_ids", .other("\(request.hashes.count) ids"),
                expected: "\(blocks), one per \(HashedRequest.blockSize) tokens of input_length")
        }
        requests.append(
            HashedRequest(
                start: try fields.time(
                    "timestamp", request.timestamp, scale: 1e6, unit: "milliseconds"),
                input: input,
                output: try fields.tokens("output_length", request.outputLength),
                blocks: request.hashes))
    }

    func finish() throws(WorkloadError) -> RecordedTrace {
        let order = requests.indices.sorted {
            (requests[$0].start, $0) < (requests[$1].start, $1)
        }
        let ordered = order.map { requests[$0] }
        let parents = SessionRebuilding.parents(of: ordered)
        let grid = TimeGrid(ordered.map(\.start))
        let sessions = Self.sessions(ordered, parents, starts: grid.spread)
        return try sessions.trace(.mooncake, notes: Self.notes(grid))
    }

    /// Every tree of requests becomes one session, its requests in order of time.
    private static func sessions(
        _ requests: [HashedRequest], _ parents: [Int?], starts: [Int64]
    ) -> SessionAssembly {
        let next = SessionRebuilding.successors(parents)
        var sessions = SessionAssembly()
        var session = [Int](repeating: 0, count: requests.count)
        for (index, request) in requests.enumerated() {
            session[index] =
                parents[index].map { session[$0] } ?? sessions.open(arrival: starts[index])
            let history = parents[index].map { requests[$0].input + requests[$0].output } ?? 0
            sessions.add(
                to: session[index], newTokens: request.input - history,
                outputTokens: request.output,
                delayAfter: next[index].map { starts[$0] - starts[index] } ?? 0)
        }
        return sessions
    }

    private static func notes(_ grid: TimeGrid) -> [String] {
        var notes = [
            """
            The trace names no sessions: they were rebuilt from shared prompt blocks, and \
            branches of one conversation became rounds of one session.
            """,
            """
            Delays are the gaps between the starts of two rounds: the trace does not say how long \
            a round was served, so they hold its service time too and are upper bounds.
            """,
        ]
        if let slot = grid.slot {
            notes.append(
                """
                Many requests share a timestamp: they were spread evenly inside their slot of \
                \(Double(slot) / 1e9) s.
                """)
        }
        return notes
    }
}
