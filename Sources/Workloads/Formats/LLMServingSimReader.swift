import ServingDomain

/// LLMServingSim's workloads: a line is one request, or a session of calls with the run times of tools
/// between them.
struct LLMServingSimReader: TraceLineReader {
    private static let expected = """
        a request {"input_toks": …, "output_toks": …, "arrival_time_ns": …}, or a session with \
        sub_requests
        """

    private var sessions: TraceRecorder

    init(_ purpose: TracePurpose) { sessions = TraceRecorder(purpose) }

    mutating func read(_ line: TraceLine) throws(WorkloadError) {
        let node: JSONNode
        do {
            node = try JSONNode(line.bytes, line.range)
        } catch {
            throw .badLine(line: line.number, found: "'\(line.excerpt)'", expected: Self.expected)
        }
        let fields = TraceFields(line: line.number)
        let arrival = try fields.time(
            "arrival_time_ns", node["arrival_time_ns"]?.value, scale: 1, unit: "nanoseconds")
        let session = sessions.open(arrival: arrival)
        let calls = node["sub_requests"]?.list ?? [node]
        guard !calls.isEmpty else {
            throw fields.bad("sub_requests", .other("an empty list"), expected: "one or more")
        }
        var context = 0
        for (number, call) in calls.enumerated() {
            let place = node["sub_requests"] == nil ? "" : "sub_requests[\(number)]."
            let input = try fields.tokens("\(place)input_toks", call["input_toks"]?.value)
            let output = try fields.tokens("\(place)output_toks", call["output_toks"]?.value)
            let holdsHistory = input >= context
            sessions.add(
                TraceRecorder.Round(
                    newTokens: holdsHistory ? input - context : input, outputTokens: output,
                    prompt: input),
                to: session)
            if number + 1 < calls.count {
                let wait = call["tool_duration_ns"]?.value ?? .whole(0)
                sessions.wait(
                    try fields.time(
                        "\(place)tool_duration_ns", wait, scale: 1, unit: "nanoseconds"),
                    in: session)
            }
            context = input + output
        }
        sessions.close(session)
    }

    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        try sessions.finish(
            .llmServingSim,
            notes: [
                """
                Lists of token ids are not read: what prompts of different sessions share is not known.
                """
            ])
    }
}
