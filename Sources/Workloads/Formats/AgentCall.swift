/// One request of a coding agent's session, in the words of kv-cache-tester.
struct AgentCall {
    let input: Int
    let output: Int
    /// Tokens that are neither in the prompt before nor the answer to it; below 0 where some of these
    /// were dropped.
    let fresh: Int
    /// Tokens behind the blocks that it shares with the prompt before.
    let uncached: Int
    /// Nanoseconds from the start of the session.
    let start: Int64
    /// Service time in nanoseconds; nil where it was not measured.
    let service: Int64?
    /// What the client waited before it, in nanoseconds; nil where that is not told.
    let think: Int64?
    /// Whether the result of a tool is new in its prompt.
    let followsTool: Bool
    private let blocks: [Int]
    /// Of the request before it; nil for the first.
    private let before: Int?

    /// - Parameters:
    ///   - node: of the document.
    ///   - path: where it stands there.
    ///   - last: the request before it.
    ///   - blockSize: tokens of a block.
    /// - Throws: where a number is none that it can be.
    init(
        _ node: JSONNode, at path: String, after last: AgentCall?, _ blockSize: Int
    ) throws(WorkloadError) {
        let fields = TraceFields(path: path)
        func seconds(_ name: String) throws(WorkloadError) -> Int64? {
            guard let value = node[name]?.value else { return nil }
            return try fields.time(name, value)
        }
        input = try fields.tokens("in", node["in"]?.value)
        output = try fields.tokens("out", node["out"]?.value)
        start = try seconds("t") ?? 0
        service = try seconds("api_time")
        think = try seconds("think_time")
        followsTool =
            node["input_types"]?.list?.contains { $0.text == "tool_result" } ?? false
        var blocks: [Int] = []
        for (index, hash) in (node["hash_ids"]?.list ?? []).enumerated() {
            guard case .whole(let id) = hash.value else {
                throw fields.bad("hash_ids[\(index)]", hash.value, expected: "a whole number")
            }
            blocks.append(id)
        }
        self.blocks = blocks
        before = last?.input
        fresh = input - (last.map { $0.input + $0.output } ?? 0)
        let shared = zip(last?.blocks ?? [], blocks).prefix { $0 == $1 }.count
        uncached = max(0, input - blockSize * shared)
    }

    /// Whether its prompt is shorter than this share of the one before.
    func keeps(lessThan share: Double) -> Bool {
        before.map { Double(input) < share * Double($0) } ?? false
    }

    /// From the end of a request to its start; the time of service is in it where nobody measured that.
    func delay(after last: AgentCall) -> Int64 {
        think ?? max(0, start - last.start - (last.service ?? 0))
    }
}

/// Figures that kv-cache-tester's sessions have beside those of all formats.
struct AgentFigures {
    private let leastKept: Double
    private var uncached = CountedValues()
    private var (thinkAfterTool, thinkAfterText) = (CountedValues(), CountedValues())
    private var service = CountedValues()
    private var subagents = 0
    private var files: [[TraceDetail]] = []

    init(leastKept: Double) { self.leastKept = leastKept }

    mutating func add(_ calls: [AgentCall], of document: TraceDocument, subagents: Int) {
        for call in calls {
            if let time = call.service { service.add(CountedValues.rounded(time)) }
        }
        for call in calls.dropFirst() {
            if !call.keeps(lessThan: leastKept) { uncached.add(call.uncached) }
            guard let think = call.think.map(CountedValues.rounded) else { continue }
            if call.followsTool { thinkAfterTool.add(think) } else { thinkAfterText.add(think) }
        }
        self.subagents += subagents
        files.append([
            TraceDetail("file", .text(document.file)),
            TraceDetail("requests", .count(calls.count)),
            TraceDetail("subagents", .count(subagents)),
            TraceDetail("initial_prompt", .count(calls.first?.input ?? 0)),
            TraceDetail("sum_in", .count(calls.reduce(0) { $0 + $1.input })),
            TraceDetail("sum_out", .count(calls.reduce(0) { $0 + $1.output })),
            TraceDetail(
                "sum_think_s", .number(calls.reduce(0) { $0 + Double($1.think ?? 0) } / 1e9)),
            TraceDetail("bytes", .count(document.bytes)),
        ])
    }

    func details(_ statistics: TraceStatistics) -> [TraceDetail] {
        [
            TraceDetail("requests_top_level", .count(statistics.calls)),
            TraceDetail("subagent_entries", .count(subagents)),
            TraceDetail("subagent_requests", .count(statistics.apart.calls)),
            TraceDetail(
                "incremental_prefill_in_minus_prev_in_minus_prev_out_clipped0",
                .figures(statistics.incrementalPrefill, factor: 1)),
            TraceDetail("incremental_uncached_in_minus_64_lcp", .figures(uncached, factor: 1)),
            TraceDetail(
                "think_time_s_after_tool_result", .figures(thinkAfterTool, factor: 1e-9)),
            TraceDetail("think_time_s_after_user_text", .figures(thinkAfterText, factor: 1e-9)),
            TraceDetail("api_time_s", .figures(service, factor: 1e-9)),
            TraceDetail("context_drops_over_10pct", .count(statistics.compactions)),
            TraceDetail("per_file", .list(files)),
        ]
    }
}
