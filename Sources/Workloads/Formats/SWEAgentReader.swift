import ServingDomain

/// Trajectories of SWE-agent: a JSON file for each session, with a step for every call.
struct SWEAgentReader: TraceDocumentReader {
    private let counter: TokenCounter
    private var sessions: TraceRecorder
    /// Nanoseconds.
    private var durations = CountedValues()
    private var files: [[TraceDetail]] = []

    init(_ purpose: TracePurpose, _ counter: TokenCounter) {
        self.counter = counter
        sessions = TraceRecorder(purpose)
        sessions.statistics.areEstimates = counter.isEstimate
    }

    mutating func read(_ document: TraceDocument) throws(WorkloadError) {
        guard let steps = document.root["trajectory"]?.list, !steps.isEmpty else {
            throw TraceFields(path: "").bad(
                "trajectory", document.root["trajectory"]?.value,
                expected: "a list of one step or more")
        }
        let session = sessions.open(arrival: nil)
        var (observation, times) = (initial(document.root), [Int64]())
        for (index, step) in steps.enumerated() {
            let fields = TraceFields(path: "trajectory[\(index)]")
            guard let response = step["response"]?.text else {
                throw fields.bad("response", step["response"]?.value, expected: "a text")
            }
            sessions.add(
                TraceRecorder.Round(
                    newTokens: observation, outputTokens: counter.tokens(response)),
                to: session)
            observation = counter.tokens(step["observation"]?.text ?? "")
            guard let time = step["execution_time"] else { continue }
            let duration = try fields.time("execution_time", time.value)
            times.append(duration)
            durations.add(CountedValues.rounded(duration))
            if index + 1 < steps.count { sessions.wait(duration, in: session) }
        }
        sessions.close(session)
        files.append([
            TraceDetail("file", .text(document.file)), TraceDetail("rounds", .count(steps.count)),
            TraceDetail("tool_durations", .count(times.count)),
            TraceDetail(
                "sum_execution_time_s", .number(times.reduce(0) { $0 + Double($1) } / 1e9)),
            TraceDetail("bytes", .count(document.bytes)),
        ])
    }

    /// Tokens of what was said before the first answer.
    private func initial(_ root: JSONNode) -> Int {
        let before = (root["history"]?.list ?? []).prefix { $0["role"]?.text != "assistant" }
        return counter.tokens(before.map { MessageText.of($0["content"]) }.joined())
    }

    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        sessions.statistics.details = [
            TraceDetail("tool_execution_time_s", .figures(durations, factor: 1e-9)),
            TraceDetail("per_file", .list(files)),
        ]
        return try sessions.finish(
            .sweAgent,
            notes: [
                counter.note,
                """
                Delays are the run times of tools; the trace has no times of day, so that arrivals follow the \
                law of the run.
                """,
            ])
    }
}

/// Texts of messages as clients of models send them.
enum MessageText {
    /// A text, or those of the parts that it has.
    static func of(_ content: JSONNode?) -> String {
        guard let content else { return "" }
        if let text = content.text { return text }
        if let list = content.list { return list.map { of($0) }.joined() }
        return content["text"]?.text ?? content["content"]?.text ?? ""
    }
}
