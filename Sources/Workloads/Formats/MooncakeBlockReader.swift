import ServingDomain

/// Mooncake traces taken as they are: every request is a session of one round whose prompt begins
/// with its full blocks; a last block that is not full belongs to the request alone.
struct MooncakeBlockReader: TraceLineReader {
    private let purpose: TracePurpose
    private var ordered: OrderedRequests
    /// What is added to the hashes of a file, and the highest so far.
    private var (base, highest) = (0, -1)
    private var sessions: TraceRecorder
    private var segments: [Int: Int32] = [:]
    private var seen = BlockSet()
    private var (blocks, known) = (0, 0)

    init(_ purpose: TracePurpose) {
        self.purpose = purpose
        ordered = OrderedRequests(purpose)
        sessions = TraceRecorder(purpose)
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
        try ordered.add(request) { (request) throws(WorkloadError) in
            try take(request, start: request.start)
        }
        self.ordered = ordered
    }

    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        let rest = ordered.rest()
        let grid = purpose == .sessions ? TimeGrid(rest.map(\.start)) : nil
        for (request, start) in zip(rest, grid?.spread ?? rest.map(\.start)) {
            try take(request, start: start)
        }
        sessions.statistics.count(blocks: blocks, known: known)
        return try sessions.finish(
            .mooncakeBlocks, notes: Self.notes + (grid?.notes ?? []))
    }

    private mutating func take(_ request: HashedRequest, start: Int64) throws(WorkloadError) {
        blocks += request.blocks.count
        for block in request.blocks where !seen.insert(block) { known += 1 }
        let session = sessions.open(arrival: start)
        sessions.add(
            TraceRecorder.Round(
                newTokens: request.input, outputTokens: request.output, start: request.start),
            to: session)
        sessions.set(prefix: try lastSegment(of: request), of: session)
        sessions.close(session)
    }

    /// Defines the blocks that no request showed before, in order of their first appearance.
    private mutating func lastSegment(
        of request: HashedRequest
    ) throws(WorkloadError) -> Int32 {
        var last = SharedPrefixes.none
        for hash in request.blocks.prefix(request.fullBlocks) {
            let segment =
                segments[hash]
                ?? sessions.vocabulary.defineBlock(tokens: HashedRequest.blockSize, after: last)
            guard sessions.vocabulary.prefixes.predecessors[Int(segment)] == last else {
                throw .badField(
                    line: request.line, field: "hash_ids", found: "\(hash) behind another block",
                    expected: "each id always behind the same one, as it stands for all before it")
            }
            segments[hash] = segment
            last = segment
        }
        return last
    }

    private static let notes = [
        """
        Every request is a session of one round: what it shares with earlier ones, their answers \
        included, is in its prompt blocks.
        """
    ]
}
