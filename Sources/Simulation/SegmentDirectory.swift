import ServingDomain

/// Which worker holds the KV cache of which shared segment of prompts.
struct SegmentDirectory {
    /// No segment is shared at all.
    let isEmpty: Bool
    /// Whole blocks that each segment adds to those before it.
    private let blocks: ContiguousArray<Int32>
    /// Tokens in whole blocks up to the end of each segment.
    private let ends: ContiguousArray<Int32>
    /// Entry of each segment on each worker, worker by worker; negative where it is not there.
    private var entries: ContiguousArray<Int32>
    /// Bits of the workers that hold each segment, segment by segment.
    private var holders: ContiguousArray<UInt64>
    private let words: Int
    private let count: Int

    /// - Parameters:
    ///   - prefixes: what the prompts of the run begin with.
    ///   - workers: workers that may hold segments; 0 for none.
    ///   - blockSize: tokens in a block.
    init(_ prefixes: SharedPrefixes, workers: Int, blockSize: Int) {
        count = workers == 0 || prefixes.isEmpty ? 0 : prefixes.segmentTokens.count
        isEmpty = count == 0
        words = (workers + 63) / 64
        var tokens = ContiguousArray<Int>(repeating: 0, count: count)
        var (blocks, ends) = (ContiguousArray<Int32>(), ContiguousArray<Int32>())
        for segment in 0..<count {
            let predecessor = Int(prefixes.predecessors[segment])
            let start = predecessor < 0 ? 0 : tokens[predecessor]
            tokens[segment] = start + Int(prefixes.segmentTokens[segment])
            blocks.append(Int32(tokens[segment] / blockSize - start / blockSize))
            ends.append(Int32(clamping: tokens[segment] / blockSize * blockSize))
        }
        self.blocks = blocks
        self.ends = ends
        entries = ContiguousArray(repeating: -1, count: count * workers)
        holders = ContiguousArray(repeating: 0, count: count * words)
    }

    func blocks(of segment: Int) -> Int { Int(blocks[segment]) }

    /// Tokens in whole blocks from the start of a prompt to the end of the segment.
    func end(of segment: Int) -> Int { Int(ends[segment]) }

    /// The segment's entry on a worker; nil where it is not there.
    func entry(of segment: Int, on worker: Int) -> Int? {
        let entry = entries[worker * count + segment]
        return entry >= 0 ? Int(entry) : nil
    }

    mutating func set(_ entry: Int?, of segment: Int, on worker: Int) {
        entries[worker * count + segment] = entry.map { Int32($0) } ?? -1
        let (word, bit) = (segment * words + worker / 64, UInt64(1) << UInt64(worker % 64))
        if entry == nil { holders[word] &= ~bit } else { holders[word] |= bit }
    }

    /// Sets `tokens`, by worker, to how far each holds the beginning of a prompt of `limit` tokens.
    ///
    /// At least one token of a prompt is always computed.
    func overlaps(
        _ segments: ArraySlice<Int32>, below limit: Int, _ tokens: inout ContiguousArray<Int>
    ) {
        for index in tokens.indices { tokens[index] = 0 }
        for word in 0..<words {
            var alive = ~UInt64(0)
            for segment in segments {
                alive &= holders[Int(segment) * words + word]
                let end = end(of: Int(segment))
                guard alive != 0, end < limit else { break }
                var bits = alive
                while bits != 0 {
                    tokens[word * 64 + bits.trailingZeroBitCount] = end
                    bits &= bits - 1
                }
            }
        }
    }
}
