/// One line of TraceLab's rounds.
struct TraceLabCall {
    struct Tool {
        let name: String
        /// As the agent measured it; nil where it did not.
        let milliseconds: Double?
        /// When its result was there, in nanoseconds; nil where that is not told.
        let end: Int64?
    }

    let session: String
    let provider: String
    let index: Int
    let input: Int
    let output: Int
    /// Tokens that the provider's cache did not serve.
    let appended: Int
    let tools: [Tool]
    /// When the last of its input was there, and its last token; nanoseconds, nil where not told.
    let start: Int64?
    let generated: Int64?

    /// Events that are the beginning of a call.
    private static let inputs: Set<String> = ["user_message", "tool_result"]
    private static let outputs: Set<String> = ["reasoning", "text", "tool_call"]

    init(_ line: TraceLine, expected: String) throws(WorkloadError) {
        let node: JSONNode
        do {
            node = try JSONNode(line.bytes, line.range)
        } catch {
            throw .badLine(line: line.number, found: "'\(line.excerpt)'", expected: expected)
        }
        let fields = TraceFields(line: line.number)
        guard let session = node["session_id"]?.text else {
            throw fields.bad("session_id", node["session_id"]?.value, expected: "a name")
        }
        self.session = session
        provider = node["provider"]?.text ?? ""
        index = try fields.tokens("round_index", node["round_index"]?.value)
        input = try fields.tokens("input_tokens_total", node["input_tokens_total"]?.value)
        output = try fields.tokens("output_tokens", node["output_tokens"]?.value)
        appended =
            try node["newly_append_tokens"].map { (node) throws(WorkloadError) in
                try fields.tokens("newly_append_tokens", node.value)
            } ?? 0
        let events = try Self.events(node, fields)
        func last(_ types: Set<String>) -> Int64? {
            events.filter { types.contains($0.type) }.map(\.time).max()
        }
        start = last(Self.inputs) ?? events.map(\.time).min()
        generated = last(Self.outputs) ?? events.map(\.time).max()
        tools = try Self.tools(node, fields)
    }

    private static func events(
        _ node: JSONNode, _ fields: TraceFields
    ) throws(WorkloadError) -> [(type: String, time: Int64)] {
        var events: [(type: String, time: Int64)] = []
        for (number, event) in (node["timing_events"]?.list ?? []).enumerated() {
            let time = try time(event["timestamp"], "timing_events[\(number)].timestamp", fields)
            guard let time, let type = event["event_type"]?.text else { continue }
            events.append((type, time))
        }
        return events
    }

    private static func tools(
        _ node: JSONNode, _ fields: TraceFields
    ) throws(WorkloadError) -> [Tool] {
        var tools: [Tool] = []
        for (number, tool) in (node["tools"]?.list ?? []).enumerated() {
            let latency = tool["tool_wall_latency_ms"]
            let nanoseconds = try latency.map { (latency) throws(WorkloadError) in
                try fields.time(
                    "tools[\(number)].tool_wall_latency_ms", latency.value, scale: 1e6,
                    unit: "milliseconds")
            }
            tools.append(
                Tool(
                    name: tool["tool_name"]?.text ?? "",
                    milliseconds: nanoseconds.map { Double($0) / 1e6 },
                    end: try time(tool["result_at"], "tools[\(number)].result_at", fields)))
        }
        return tools
    }

    private static func time(
        _ node: JSONNode?, _ name: String, _ fields: TraceFields
    ) throws(WorkloadError) -> Int64? {
        guard let node else { return nil }
        guard let time = node.text.flatMap(CalendarTime.nanoseconds) else {
            throw fields.bad(
                name, node.value, expected: "a date and a time such as 2026-06-01T05:40:20.151Z")
        }
        return time
    }
}

/// Figures that TraceLab's rounds have beside those of all formats.
struct TraceLabFigures {
    private struct Session {
        let name: String
        let provider: String
        var rounds = 0
        var appended = 0
        var output = 0
        var tools = 0
    }

    private var sessions: [Session] = []
    private var appended = CountedValues()
    /// In microseconds.
    private var latencies = CountedValues()
    private var calls = 0
    private var names: [String: Int] = [:]

    mutating func open(_ call: TraceLabCall) {
        sessions.append(Session(name: call.session, provider: call.provider))
    }

    mutating func add(_ call: TraceLabCall, to place: Int) {
        appended.add(call.appended)
        sessions[place].rounds += 1
        sessions[place].appended += call.appended
        sessions[place].output += call.output
        sessions[place].tools += call.tools.count
        calls += call.tools.count
        for tool in call.tools {
            names[tool.name, default: 0] += 1
            if let time = tool.milliseconds {
                latencies.add(CountedValues.rounded(Int64((time * 1e3).rounded())))
            }
        }
    }

    func details(_ statistics: TraceStatistics) -> [TraceDetail] {
        [
            TraceDetail("rounds_total", .count(statistics.calls)),
            TraceDetail("initial_prompt", .figures(statistics.initialPrefill, factor: 1)),
            TraceDetail("newly_append_tokens", .figures(appended, factor: 1)),
            TraceDetail("tool_calls", .count(calls)),
            TraceDetail("tool_wall_latency_ms", .figures(latencies, factor: 1e-3)),
            TraceDetail(
                "tool_names",
                .group(
                    names.sorted { $0.key < $1.key }.map { TraceDetail($0.key, .count($0.value)) })
            ),
            TraceDetail(
                "per_session",
                .group(
                    sessions.map { session in
                        TraceDetail(
                            session.name,
                            .group([
                                TraceDetail("provider", .text(session.provider)),
                                TraceDetail("rounds", .count(session.rounds)),
                                TraceDetail("sum_append", .count(session.appended)),
                                TraceDetail("sum_out", .count(session.output)),
                                TraceDetail("tool_calls", .count(session.tools)),
                            ]))
                    })),
        ]
    }
}
