import ServingDomain

/// Mooncake's lines with their sessions named, as benchmark clients replay them: a turn per line, at a
/// time or so long after the turn before.
struct MooncakeSessionReader: TraceLineReader {
    private static let expected = """
        one turn: {"session_id": …, "timestamp": … or "delay": …, "input_length" or "text_input" or \
        "messages": …, "output_length": …}
        """
    private static let blockSize = 512

    private let counter: TokenCounter
    /// Whether prompts were counted here.
    private var countsTexts = false
    private var sessions: TraceRecorder
    private var turns: [Turn] = []
    /// Looked up by name, never iterated.
    private var places: [String: Int] = [:]
    private var (whole, added, starts) = (0, 0, 0)

    /// The newest turn of a session.
    private struct Turn {
        let session: Int
        var start: Int64?
        var context = 0
        /// Full blocks of its prompt.
        var blocks: [Int] = []
    }

    init(_ purpose: TracePurpose, _ counter: TokenCounter) {
        self.counter = counter
        sessions = TraceRecorder(purpose)
    }

    mutating func begin(file name: String) {
        // Names of sessions mean nothing across files.
        places = [:]
    }

    mutating func read(_ line: TraceLine) throws(WorkloadError) {
        let (fields, node) = (TraceFields(line: line.number), try self.node(line))
        guard let name = Self.name(node["session_id"]) else {
            throw fields.bad(
                "session_id", node["session_id"]?.value, expected: "the name of a session")
        }
        let start = try node["timestamp"].map { (value) throws(WorkloadError) in
            try fields.time("timestamp", value.value, scale: 1e6, unit: "milliseconds")
        }
        let place = places[name] ?? open(name, start)
        try wait(node, start, turns[place], fields)
        let input = try self.input(node, fields)
        let output = try fields.tokens("output_length", node["output_length"]?.value ?? .whole(1))
        let blocks = (node["hash_ids"]?.list ?? []).compactMap { node -> Int? in
            if case .whole(let hash) = node.value { hash } else { nil }
        }
        let last = turns[place]
        // The blocks of the prompt before, from the first on, or its messages: the whole conversation
        // once more.
        let isWhole =
            node["messages"] != nil
            ? node["message_mode"]?.text != "delta"
            : !last.blocks.isEmpty && blocks.starts(with: last.blocks)
        if last.context > 0 { if isWhole { whole += 1 } else { added += 1 } }
        let prompt = isWhole ? input : last.context + input
        sessions.add(
            TraceRecorder.Round(
                newTokens: prompt - last.context, outputTokens: output, prompt: prompt,
                start: start),
            to: last.session)
        turns[place].start = start
        turns[place].context = prompt + output
        turns[place].blocks = Array(blocks.prefix(input / Self.blockSize))
    }

    private func node(_ line: TraceLine) throws(WorkloadError) -> JSONNode {
        do {
            return try JSONNode(line.bytes, line.range)
        } catch {
            throw .badLine(
                line: line.number, found: "'\(line.excerpt)'", expected: Self.expected)
        }
    }

    private static func name(_ node: JSONNode?) -> String? {
        if case .whole(let number)? = node?.value { return String(number) }
        return node?.text
    }

    private mutating func open(_ name: String, _ start: Int64?) -> Int {
        turns.append(Turn(session: sessions.open(arrival: start)))
        places[name] = turns.count - 1
        return turns.count - 1
    }

    /// What lies between a turn and the one before.
    private mutating func wait(
        _ node: JSONNode, _ start: Int64?, _ last: Turn, _ fields: TraceFields
    ) throws(WorkloadError) {
        guard last.context > 0 else { return }
        if let delay = node["delay"] {
            sessions.wait(
                try fields.time("delay", delay.value, scale: 1e6, unit: "milliseconds"),
                in: last.session)
        } else if let start, let before = last.start {
            guard start >= before else {
                throw fields.bad(
                    "timestamp", node["timestamp"]?.value,
                    expected: "\(Double(before) / 1e6) or more, as the session had before")
            }
            starts += 1
            sessions.wait(start - before, in: last.session)
        } else {
            sessions.wait(0, in: last.session)
        }
    }

    private mutating func input(
        _ node: JSONNode, _ fields: TraceFields
    ) throws(WorkloadError) -> Int {
        if node["input_length"] == nil {
            let texts = node["messages"]?.list?.map { MessageText.of($0["content"]) }
            if let texts = texts ?? node["text_input"]?.text.map({ [$0] }) {
                countsTexts = true
                return min(Int(Int32.max), texts.reduce(0) { $0 + counter.tokens($1) })
            }
        }
        return try fields.tokens("input_length", node["input_length"]?.value)
    }

    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        var notes: [String] = []
        if countsTexts {
            notes.append(counter.note)
            sessions.statistics.areEstimates = counter.isEstimate
        }
        if whole > 0 {
            notes.append(
                "Later turns that repeat the blocks of the prompt before, whose length is that of the whole"
                    + " prompt: \(whole).")
        }
        if added > 0 {
            notes.append(
                "Later turns whose length is taken for what is new in them, as clients send it behind what"
                    + " was said before: \(added).")
        }
        if starts > 0 {
            notes.append(
                "Turns with a timestamp and no delay, whose gap from start to start holds the service of"
                    + " the turn before: \(starts).")
        }
        return try sessions.finish(.mooncakeSessions, notes: notes)
    }
}
