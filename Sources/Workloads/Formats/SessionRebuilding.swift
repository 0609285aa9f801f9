/// Finds which request continues which, from shared prompt prefixes alone: a heuristic.
///
/// A request's key block is its last full one. It is registered there when it is the first to show
/// that block or itself continues another. A later request looks at its leading blocks that were
/// seen before, from the deepest back to the first with registered requests, and continues the
/// latest of them that started strictly earlier and whose prompt and answer fit into its prompt.
struct SessionRebuilding {
    /// A request that others may continue.
    struct Earlier {
        let start: Int64
        /// Of prompt and answer.
        let tokens: Int
        let session: Int
    }

    private var seen = BlockSet()
    private var registered: [Int: [Earlier]] = [:]
    /// Blocks of all requests, and those of them that an earlier one had shown.
    private(set) var (blocks, known) = (0, 0)

    /// What the next request in order of start continues, if anything.
    func parent(of request: HashedRequest) -> Earlier? {
        let leading = request.blocks.prefix { seen.contains($0) }.count
        return candidates(request, known: leading).last { earlier in
            earlier.start < request.start && earlier.tokens <= request.input
        }
    }

    /// Notes a request that was asked for, so that later ones may continue it.
    mutating func register(_ request: HashedRequest, isChild: Bool, session: Int) {
        if let key = request.blocks.prefix(request.fullBlocks).last, isChild || !seen.contains(key)
        {
            registered[key, default: []].append(
                Earlier(
                    start: request.start, tokens: request.input + request.output,
                    session: session))
        }
        blocks += request.blocks.count
        for block in request.blocks where !seen.insert(block) { known += 1 }
    }

    /// Requests at the deepest registered block among the `known` leading ones.
    private func candidates(_ request: HashedRequest, known: Int) -> [Earlier] {
        for block in request.blocks.prefix(min(known, request.fullBlocks)).reversed() {
            if let candidates = registered[block] { return candidates }
        }
        return []
    }
}
