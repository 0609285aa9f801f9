import ServingDomain

/// Sessions of coding agents as kv-cache-tester publishes them: a JSON file for each.
///
/// Its figures are those of top-level requests; sub-agents are counted apart, and are simulated as
/// sessions that a round of their parent starts.
struct KVCacheTesterReader: TraceDocumentReader {
    /// A context that keeps less than this share of the one before was compacted.
    private static let leastKept = 0.9

    private var sessions: TraceRecorder
    private var figures = AgentFigures(leastKept: Self.leastKept)

    init(_ purpose: TracePurpose) { sessions = TraceRecorder(purpose) }

    mutating func read(_ document: TraceDocument) throws(WorkloadError) {
        let fields = TraceFields(path: "")
        guard let requests = document.root["requests"]?.list else {
            throw fields.bad("requests", document.root["requests"]?.value, expected: "a list")
        }
        let blockSize = try fields.tokens("block_size", document.root["block_size"]?.value)
        guard blockSize > 0 else {
            throw fields.bad("block_size", .whole(0), expected: "1 or more tokens")
        }
        let session = sessions.open(arrival: nil)
        let calls = try add(requests, to: session, at: "requests", blockSize)
        guard sessions.roundCount(of: session) > 0 else {
            throw fields.bad("requests", .other("no request"), expected: "one or more")
        }
        sessions.close(session)
        figures.add(
            calls, of: document,
            subagents: requests.count { $0["type"]?.text == Self.subagent })
    }

    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        sessions.statistics.details = figures.details(sessions.statistics)
        return try sessions.finish(
            .kvCacheTester,
            notes: [
                """
                The files have no times of day: arrivals follow the law of the run instead.
                """,
                """
                A context that keeps less than 90 % of the one before was compacted: what it does not \
                share with the one before in whole blocks is new.
                """,
                """
                Sub-agents start when the request before them ends, and the next request waits for them.
                """,
            ])
    }

    private static let subagent = "subagent"

    /// Adds the requests of a session, and the sessions that sub-agents among them are.
    private mutating func add(
        _ requests: [JSONNode], to session: Int, at path: String, _ blockSize: Int
    ) throws(WorkloadError) -> [AgentCall] {
        var calls: [AgentCall] = []
        for (index, node) in requests.enumerated() {
            let place = "\(path)[\(index)]"
            if node["type"]?.text == Self.subagent {
                try addSubagent(node, to: session, at: place, blockSize)
                continue
            }
            let call = try AgentCall(node, at: place, after: calls.last, blockSize)
            if let last = calls.last { sessions.wait(call.delay(after: last), in: session) }
            let isCompacted = call.keeps(lessThan: Self.leastKept)
            sessions.add(
                TraceRecorder.Round(
                    newTokens: isCompacted ? call.uncached : call.fresh,
                    outputTokens: call.output, prompt: call.input,
                    isCompacted: isCompacted),
                to: session)
            calls.append(call)
        }
        return calls
    }

    private mutating func addSubagent(
        _ node: JSONNode, to parent: Int, at place: String, _ blockSize: Int
    ) throws(WorkloadError) {
        guard let requests = node["requests"]?.list else {
            throw TraceFields(path: place).bad(
                "requests", node["requests"]?.value, expected: "a list")
        }
        guard requests.contains(where: { $0["type"]?.text != Self.subagent }) else {
            // One that only starts others says nothing itself.
            for (index, nested) in requests.enumerated() {
                try addSubagent(
                    nested, to: parent, at: "\(place).requests[\(index)]", blockSize)
            }
            return
        }
        // One that comes before any request of its parent starts beside it.
        let round = sessions.roundCount(of: parent) - 1
        let child =
            round < 0
            ? sessions.open(arrival: nil, isApart: true)
            : sessions.open(startedBy: parent, round: round, isApart: true)
        _ = try add(requests, to: child, at: "\(place).requests", blockSize)
        sessions.close(child)
    }
}
