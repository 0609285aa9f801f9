/// Prefill workers that have nothing ahead of a new task, by kind, found without looking at all.
struct IdleWorkers {
    /// Kinds that there are.
    let kinds: [Int]
    /// A bit for each idle worker, in words of 64, by kind.
    private var bits: [ContiguousArray<UInt64>]

    init(kinds ofWorkers: [Int]) {
        kinds = Set(ofWorkers).sorted()
        bits = Array(
            repeating: ContiguousArray(repeating: 0, count: (ofWorkers.count + 63) / 64),
            count: (kinds.last ?? -1) + 1)
    }

    @inline(__always)
    mutating func note(_ worker: Int, kind: Int, isIdle: Bool) {
        let bit = UInt64(1) << UInt64(worker & 63)
        if isIdle { bits[kind][worker >> 6] |= bit } else { bits[kind][worker >> 6] &= ~bit }
    }

    /// The idle worker of a kind with the lowest index of which something holds.
    @inline(__always)
    func first(_ kind: Int, where holds: (Int) -> Bool) -> Int? {
        for (place, word) in bits[kind].enumerated() {
            var left = word
            while left != 0 {
                let worker = place * 64 + left.trailingZeroBitCount
                if holds(worker) { return worker }
                left &= left - 1
            }
        }
        return nil
    }
}
