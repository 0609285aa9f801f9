/// A request that is known by the hashes of its prompt blocks.
///
/// Equal hashes mean equal prompts up to and including that block; the last may be partial.
struct HashedRequest {
    /// Tokens in one block.
    static let blockSize = 512

    let line: Int
    /// Nanoseconds.
    let start: Int64
    let input: Int
    let output: Int
    let blocks: [Int]

    /// Blocks that are full.
    var fullBlocks: Int { min(input / Self.blockSize, blocks.count) }
}

/// Finds which request continues which, from shared prompt prefixes alone: a heuristic.
///
/// A request's key block is its last full one. It is registered there when it is the first to show
/// that block or itself continues another. A later request looks at its leading blocks that were
/// seen before, from the deepest back to the first with registered requests, and continues the
/// latest of them that started strictly earlier and whose prompt and answer fit into its prompt.
enum SessionRebuilding {
    /// For every request, in order of start, the index of the one that it continues.
    static func parents(of requests: [HashedRequest]) -> [Int?] {
        var seen: Set<Int> = []
        var registered: [Int: [Int]] = [:]
        var parents: [Int?] = []
        for (index, request) in requests.enumerated() {
            let known = request.blocks.prefix { seen.contains($0) }.count
            let candidates = candidates(request, known: known, registered)
            let parent = candidates.last { continues(request, requests[$0]) }
            parents.append(parent)
            if let key = request.blocks.prefix(request.fullBlocks).last,
                parent != nil || !seen.contains(key)
            {
                registered[key, default: []].append(index)
            }
            seen.formUnion(request.blocks)
        }
        return parents
    }

    /// For every request the next one of the same tree, in order of start.
    static func successors(_ parents: [Int?]) -> [Int?] {
        var next = [Int?](repeating: nil, count: parents.count)
        var root = Array(parents.indices)
        var latest = root
        for (index, parent) in parents.enumerated() {
            guard let parent else { continue }
            root[index] = root[parent]
            next[latest[root[index]]] = index
            latest[root[index]] = index
        }
        return next
    }

    /// Requests at the deepest registered block among the `known` leading ones.
    private static func candidates(
        _ request: HashedRequest, known: Int, _ registered: [Int: [Int]]
    ) -> [Int] {
        let shared = request.blocks.prefix(min(known, request.fullBlocks))
        for block in shared.reversed() {
            if let candidates = registered[block] { return candidates }
        }
        return []
    }

    private static func continues(_ request: HashedRequest, _ earlier: HashedRequest) -> Bool {
        earlier.start < request.start && earlier.input + earlier.output <= request.input
    }
}
