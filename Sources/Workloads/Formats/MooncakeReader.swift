import ServingDomain

/// Mooncake traces with their sessions rebuilt.
///
/// Figures are of the times of the trace; sessions start at times that are spread over the slots of a
/// coarse clock.
struct MooncakeReader: TraceLineReader {
    private let purpose: TracePurpose
    private var ordered: OrderedRequests
    /// What is added to the hashes of a file, and the highest so far.
    private var (base, highest) = (0, -1)
    private var sessions: TraceRecorder
    private var rebuilding = SessionRebuilding()
    /// Start of the newest round of each session, as it is simulated.
    private var newest: [Int64] = []
    private var span: (first: Int64, last: Int64)?

    init(_ purpose: TracePurpose) {
        self.purpose = purpose
        ordered = OrderedRequests(purpose)
        sessions = TraceRecorder(purpose, gaps: .startToStart)
    }

    mutating func begin(file name: String) {
        // Hashes mean nothing across files.
        base = highest &+ 1
    }

    mutating func read(_ line: TraceLine) throws(WorkloadError) {
        let request = try HashedRequest(line, hashesFrom: base)
        highest = max(highest, request.blocks.max() ?? 0)
        var ordered = ordered
        self.ordered = OrderedRequests(purpose)
        try ordered.add(request) { take($0, start: $0.start) }
        self.ordered = ordered
    }

    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        let rest = ordered.rest()
        let grid = purpose == .sessions ? TimeGrid(rest.map(\.start)) : nil
        for (request, start) in zip(rest, grid?.spread ?? rest.map(\.start)) {
            take(request, start: start)
        }
        sessions.statistics.count(blocks: rebuilding.blocks, known: rebuilding.known)
        sessions.statistics.checkSums = [
            TraceDetail("sum_hash_ids", .count(rebuilding.blocks)),
            TraceDetail("first_ts_ms", .number(Double(span?.first ?? 0) / 1e6)),
            TraceDetail("last_ts_ms", .number(Double(span?.last ?? 0) / 1e6)),
        ]
        return try sessions.finish(
            .mooncakeJSONL, notes: Self.notes + (grid?.notes ?? []))
    }

    /// Every tree of requests becomes one session, its requests in order of time; gaps and fresh tokens
    /// are those to the request that one continues.
    private mutating func take(_ request: HashedRequest, start: Int64) {
        span = (span?.first ?? request.start, request.start)
        let parent = rebuilding.parent(of: request)
        let index = parent?.session ?? sessions.open(arrival: start)
        rebuilding.register(request, isChild: parent != nil, session: index)
        if let parent {
            sessions.wait(start - newest[index], in: index, told: request.start - parent.start)
            newest[index] = start
        } else {
            newest.append(start)
        }
        sessions.add(
            TraceRecorder.Round(
                newTokens: request.input - (parent?.tokens ?? 0), outputTokens: request.output,
                prompt: request.input, start: request.start),
            to: index)
    }

    private static let notes = [
        """
        The trace names no sessions: they were rebuilt from shared prompt blocks, and \
        branches of one conversation became rounds of one session.
        """,
        """
        Delays are the gaps between the starts of two rounds: the trace does not say how long \
        a round was served, so they hold its service time too and are upper bounds.
        """,
    ]
}
