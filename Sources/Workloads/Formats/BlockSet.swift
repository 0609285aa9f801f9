/// Blocks that were seen, by their ids: a bit for each small one, a set of the others.
struct BlockSet {
    /// Ids below this have a bit.
    private static let dense = 1 << 27

    private var bits: [UInt64] = []
    private var sparse: Set<Int> = []

    /// Adds a block; whether it is new.
    mutating func insert(_ block: Int) -> Bool {
        guard (0..<Self.dense).contains(block) else { return sparse.insert(block).inserted }
        let (word, bit) = (block >> 6, UInt64(1) << UInt64(block & 63))
        if word >= bits.count {
            bits += Array(repeating: 0, count: max(word + 1, 2 * bits.count) - bits.count)
        }
        defer { bits[word] |= bit }
        return bits[word] & bit == 0
    }

    func contains(_ block: Int) -> Bool {
        guard (0..<Self.dense).contains(block) else { return sparse.contains(block) }
        let word = block >> 6
        return word < bits.count && bits[word] >> UInt64(block & 63) & 1 == 1
    }
}
