import ServingDomain

/// Our JSONL: one session per line.
struct SessionJSONLReader: TraceLineReader {
    private struct Session: Decodable {
        let arrival: TraceValue?
        let rounds: [Round]
        let prefix: String?
        let prefixTokens: TraceValue?

        enum CodingKeys: String, CodingKey {
            case arrival = "arrival_s"
            case rounds, prefix
            case prefixTokens = "prefix_tokens"
        }
    }

    private struct Round: Decodable {
        let newTokens: TraceValue?
        let outputTokens: TraceValue?
        let delayAfter: TraceValue?
        let tool: String?

        enum CodingKeys: String, CodingKey {
            case tool
            case newTokens = "new_tokens"
            case outputTokens = "output_tokens"
            case delayAfter = "delay_after_s"
        }
    }

    private static let expected = #"one session: {"arrival_s": …, "rounds": […]}"#

    private var sessions = SessionAssembly()

    mutating func read(_ line: TraceLine) throws(WorkloadError) {
        let session = try JSONLine.decode(Session.self, from: line, expected: Self.expected)
        let fields = TraceFields(line: line.number)
        guard !session.rounds.isEmpty else {
            throw fields.bad("rounds", .other("an empty list"), expected: "at least one round")
        }
        let index = sessions.open(arrival: try fields.time("arrival_s", session.arrival))
        for (number, round) in session.rounds.enumerated() {
            try add(round, to: index, at: "rounds[\(number)]", fields)
        }
        try sessions.setPrefix(session.prefix, tokens: session.prefixTokens, of: index, fields)
    }

    func finish() throws(WorkloadError) -> RecordedTrace {
        try sessions.trace(.jsonl, notes: [])
    }

    private mutating func add(
        _ round: Round, to session: Int, at path: String, _ fields: TraceFields
    ) throws(WorkloadError) {
        let delay = round.delayAfter ?? .whole(0)
        try sessions.add(
            to: session,
            newTokens: fields.tokens("\(path).new_tokens", round.newTokens),
            outputTokens: fields.tokens("\(path).output_tokens", round.outputTokens),
            delayAfter: fields.time("\(path).delay_after_s", delay))
        try sessions.set(
            tool: sessions.vocabulary.tool(round.tool ?? "", fields), of: session)
    }
}
