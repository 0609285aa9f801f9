import ServingDomain

/// Mooncake traces taken as they are: every request is a session of one round whose prompt begins
/// with its full blocks; a last block that is not full belongs to the request alone.
struct MooncakeBlockReader: TraceLineReader {
    private var lines = HashedRequestLines()

    mutating func read(_ line: TraceLine) throws(WorkloadError) { try lines.read(line) }

    func finish() throws(WorkloadError) -> RecordedTrace {
        let requests = lines.ordered
        let grid = TimeGrid(requests.map(\.start))
        var sessions = SessionAssembly()
        var segments: [Int: Int32] = [:]
        for (request, start) in zip(requests, grid.spread) {
            let session = sessions.open(arrival: start)
            sessions.add(
                to: session, newTokens: request.input, outputTokens: request.output, delayAfter: 0)
            let last = try Self.lastSegment(of: request, &segments, &sessions.vocabulary)
            sessions.set(prefix: last, of: session)
        }
        return try sessions.trace(.mooncakeBlocks, notes: Self.notes + grid.notes)
    }

    /// Defines the blocks that no request showed before, in order of their first appearance.
    private static func lastSegment(
        of request: HashedRequest, _ segments: inout [Int: Int32],
        _ vocabulary: inout TraceVocabulary
    ) throws(WorkloadError) -> Int32 {
        var last = SharedPrefixes.none
        for hash in request.blocks.prefix(request.fullBlocks) {
            let segment =
                segments[hash]
                ?? vocabulary.defineBlock(tokens: HashedRequest.blockSize, after: last)
            guard vocabulary.prefixes.predecessors[Int(segment)] == last else {
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
