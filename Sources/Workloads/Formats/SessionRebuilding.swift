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
        /// The one that was registered at the same block before it, by its place in `earlier`.
        fileprivate let before: Int?
    }

    private var seen = BlockSet()
    private var earlier: [Earlier] = []
    /// Blocks at which requests are registered, and the place of the latest at each.
    private var keys = BlockSet()
    private var latest: [Int: Int] = [:]
    /// Blocks of all requests, and those of them that an earlier one had shown.
    private(set) var (blocks, known) = (0, 0)

    /// What the next request in order of start continues, if anything.
    func parent(of request: HashedRequest) -> Earlier? {
        let leading = request.blocks.prefix { seen.contains($0) }.count
        let shared = request.blocks.prefix(min(leading, request.fullBlocks))
        guard let block = shared.last(where: { keys.contains($0) }) else { return nil }
        var place = latest[block]
        while let found = place.map({ earlier[$0] }) {
            if found.start < request.start, found.tokens <= request.input { return found }
            place = found.before
        }
        return nil
    }

    /// Notes a request that was asked for, so that later ones may continue it.
    mutating func register(_ request: HashedRequest, isChild: Bool, session: Int) {
        if let key = request.blocks.prefix(request.fullBlocks).last, isChild || !seen.contains(key)
        {
            earlier.append(
                Earlier(
                    start: request.start, tokens: request.input + request.output,
                    session: session, before: latest.updateValue(earlier.count, forKey: key)))
            _ = keys.insert(key)
        }
        blocks += request.blocks.count
        for block in request.blocks where !seen.insert(block) { known += 1 }
    }
}
