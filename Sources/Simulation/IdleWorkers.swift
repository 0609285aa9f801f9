import DiscreteEvents

/// Prefill workers that have nothing ahead of a new task, by kind, found without looking at all; of no
/// kind where they are not used.
struct IdleWorkers: ~Copyable {
    /// Kinds that there are.
    let kinds: [Int]
    /// A bit for each idle worker, in words of 64, those of one kind behind those of another.
    private var words: Slab<UInt64>
    private let wordsOfKind: Int

    init(kinds ofWorkers: [Int]) {
        kinds = Set(ofWorkers).sorted()
        wordsOfKind = (ofWorkers.count + 63) / 64
        words = Slab(repeating: 0, count: wordsOfKind * ((kinds.last ?? -1) + 1))
    }

    @inline(__always)
    mutating func note(_ worker: Int, kind: Int, isIdle: Bool) {
        guard !kinds.isEmpty else { return }
        let bit = UInt64(1) << UInt64(worker & 63)
        let place = kind * wordsOfKind + (worker >> 6)
        if isIdle { words[place] |= bit } else { words[place] &= ~bit }
    }

    /// The idle worker of a kind with the lowest index from `least` on; nil for none.
    @inline(__always)
    func first(_ kind: Int, from least: Int = 0) -> Int? {
        var place = least >> 6
        guard place < wordsOfKind else { return nil }
        var left = words[kind * wordsOfKind + place] & (~0 << UInt64(least & 63))
        while left == 0 {
            place += 1
            guard place < wordsOfKind else { return nil }
            left = words[kind * wordsOfKind + place]
        }
        return place * 64 + left.trailingZeroBitCount
    }
}
