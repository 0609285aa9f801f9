import ServingDomain

/// Mooncake traces with their sessions rebuilt.
struct MooncakeReader: TraceLineReader {
    private var lines = HashedRequestLines()

    mutating func read(_ line: TraceLine) throws(WorkloadError) { try lines.read(line) }

    func finish() throws(WorkloadError) -> RecordedTrace {
        let ordered = lines.ordered
        let parents = SessionRebuilding.parents(of: ordered)
        let grid = TimeGrid(ordered.map(\.start))
        let sessions = Self.sessions(ordered, parents, starts: grid.spread)
        return try sessions.trace(
            .mooncake, statistics: Self.statistics(ordered, parents), notes: Self.notes(grid))
    }

    /// Gaps and fresh tokens are those to the request that one continues, and times are those of the
    /// trace, not spread.
    private static func statistics(
        _ requests: [HashedRequest], _ parents: [Int?]
    ) -> TraceStatistics {
        var statistics = TraceStatistics(gapMeaning: .startToStart)
        var seen: Set<Int> = []
        var (blocks, known) = (0, 0)
        var root = Array(requests.indices)
        var rounds = [Int](repeating: 0, count: requests.count)
        for (index, request) in requests.enumerated() {
            let parent = parents[index].map { requests[$0] }
            if let parent = parents[index] { root[index] = root[parent] }
            rounds[root[index]] += 1
            statistics.add(
                TraceStatistics.Call(
                    isFirst: parent == nil, prompt: request.input,
                    fresh: request.input - (parent.map { $0.input + $0.output } ?? 0),
                    output: request.output, start: request.start,
                    gap: parent.map { request.start - $0.start }))
            blocks += request.blocks.count
            known += request.blocks.count { !seen.insert($0).inserted }
        }
        for count in rounds where count > 0 { statistics.endSession(rounds: count) }
        statistics.count(blocks: blocks, known: known)
        return statistics
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
        let notes = [
            """
            The trace names no sessions: they were rebuilt from shared prompt blocks, and \
            branches of one conversation became rounds of one session.
            """,
            """
            Delays are the gaps between the starts of two rounds: the trace does not say how long \
            a round was served, so they hold its service time too and are upper bounds.
            """,
        ]
        return notes + grid.notes
    }
}
