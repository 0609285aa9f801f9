import ServingDomain

/// Qwen's Bailian traces: one call per line that names the call which it continues, with the hashes of
/// its prompt blocks.
struct BailianReader: TraceLineReader {
    private static let expected = """
        one call: {"chat_id": …, "parent_chat_id": …, "timestamp": …, "input_length": …, \
        "output_length": …}
        """

    private var sessions: TraceRecorder
    /// Calls that others may continue; looked up by id, never iterated.
    private var calls: [Int: Call] = [:]
    private var seen = BlockSet()
    private var (blocks, known, orphans) = (0, 0, 0)
    /// Start of the newest call of each session.
    private var newest: [Int: Int64] = [:]

    private struct Call {
        let session: Int
        let start: Int64
        let context: Int
    }

    init(_ purpose: TracePurpose) {
        sessions = TraceRecorder(purpose, gaps: .startToStart)
    }

    mutating func begin(file name: String) {
        // Ids and hashes mean nothing across files.
        calls = [:]
        seen = BlockSet()
    }

    mutating func read(_ line: TraceLine) throws(WorkloadError) {
        let raw = try Raw(line, expected: Self.expected)
        let fields = TraceFields(line: line.number)
        guard case .whole(let id) = raw.id else {
            throw fields.bad("chat_id", raw.id, expected: "a whole number")
        }
        let start = try fields.time("timestamp", raw.timestamp)
        let input = try fields.tokens("input_length", raw.input)
        let output = try fields.tokens("output_length", raw.output)
        if let misfit = raw.misfit {
            throw fields.bad(
                "hash_ids[\(misfit.index)]", misfit.value, expected: "a whole number")
        }
        let parent = try parent(raw.parent, fields)
        let index = parent?.session ?? sessions.open(arrival: start)
        if let parent {
            // Branches of a conversation are rounds of one session, in order of time.
            sessions.wait(
                max(0, start - (newest[index] ?? start)), in: index,
                told: max(0, start - parent.start))
        }
        let holdsHistory = input >= parent?.context ?? 0
        sessions.add(
            TraceRecorder.Round(
                newTokens: holdsHistory ? input - (parent?.context ?? 0) : input,
                outputTokens: output, prompt: input, start: start),
            to: index)
        newest[index] = max(start, newest[index] ?? start)
        calls[id] = Call(session: index, start: start, context: input + output)
        blocks += raw.blocks.count
        for block in raw.blocks where !seen.insert(block) { known += 1 }
    }

    /// The call that another continues; nil for the first of a conversation.
    private mutating func parent(
        _ value: TraceValue?, _ fields: TraceFields
    ) throws(WorkloadError) -> Call? {
        guard let value else { return nil }
        guard case .whole(let id) = value else {
            throw fields.bad("parent_chat_id", value, expected: "a whole number")
        }
        guard id >= 0 else { return nil }
        guard let parent = calls[id] else {
            orphans += 1
            return nil
        }
        return parent
    }

    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        sessions.statistics.count(blocks: blocks, known: known)
        var notes = [
            """
            Delays are the gaps between the starts of two rounds, and hold the service of the \
            first, which the trace does not tell; branches of one conversation became rounds of one \
            session.
            """
        ]
        if orphans > 0 {
            notes.append(
                "Calls that continue one which the trace does not have begin a session: \(orphans)."
            )
        }
        return try sessions.finish(.bailian, notes: notes)
    }

    /// The members of a line, before anything is known about their ranges.
    private struct Raw {
        var (id, parent, timestamp): (TraceValue?, TraceValue?, TraceValue?)
        var (input, output): (TraceValue?, TraceValue?)
        var blocks: [Int] = []
        var misfit: JSONScanner.Misfit?

        init(_ line: TraceLine, expected: String) throws(WorkloadError) {
            do {
                try read(line)
            } catch {
                throw .badLine(line: line.number, found: "'\(line.excerpt)'", expected: expected)
            }
        }

        private mutating func read(_ line: TraceLine) throws(JSONFault) {
            var scanner = JSONScanner(line.bytes, line.range)
            try scanner.members { (scanner, key) throws(JSONFault) in
                if key.matches("chat_id") {
                    id = try scanner.scalar()
                } else if key.matches("parent_chat_id") {
                    parent = try scanner.scalar()
                } else if key.matches("timestamp") {
                    timestamp = try scanner.scalar()
                } else if key.matches("input_length") {
                    input = try scanner.scalar()
                } else if key.matches("output_length") {
                    output = try scanner.scalar()
                } else if key.matches("hash_ids") {
                    (blocks, misfit) = try scanner.wholeNumbers()
                } else {
                    try scanner.skipValue()
                }
            }
            try scanner.finish()
        }
    }
}
