import DiscreteEvents

/// KV blocks of one worker.
struct BlockPool {
    let capacity: Int
    private(set) var used = 0
    private(set) var peak = 0
    /// Held by sessions that wait for their tool; part of `used`.
    private(set) var idle = 0
    /// Held by released sessions whose prefill has not been selected; part of `used`.
    private(set) var waiting = 0
    /// Held for sessions whose history is pinned; part of `used`.
    private(set) var pinned = 0

    init(capacity: Int) { self.capacity = capacity }

    var free: Int { capacity - used }

    /// Whether no block is in use by a running or selected round.
    var isUnused: Bool { used == idle + waiting + pinned }

    mutating func take(_ blocks: Int) {
        used += blocks
        peak = max(peak, used)
        precondition(used <= capacity && blocks >= 0, "INV-4: KV memory is never over-committed")
    }

    mutating func give(_ blocks: Int) {
        used -= blocks
        precondition(used >= 0 && blocks >= 0, "INV-4: KV memory is returned once")
    }

    /// Takes blocks, or gives them back where `blocks` is negative.
    mutating func change(by blocks: Int) {
        if blocks < 0 { give(-blocks) } else { take(blocks) }
    }

    mutating func changeIdle(by blocks: Int) { idle += blocks }

    mutating func changeWaiting(by blocks: Int) { waiting += blocks }

    mutating func changePinned(by blocks: Int) { pinned += blocks }
}

/// When the sequences of a batch need their next block, by step.
///
/// A sequence needs a block in every step before which its length is a multiple of the block
/// size, so it is enough to count the sequences by the step, modulo the block size, at which they do.
struct BlockGrowth: ~Copyable {
    private let size: BlockSize
    private var counts: Slab<Int32>
    private var sequences = 0

    init(blockSize: Int) {
        size = BlockSize(blockSize)
        counts = Slab(repeating: 0, count: blockSize)
    }

    /// A sequence of `length` tokens joins before step `step`, or leaves as if it had.
    mutating func change(by count: Int, length: Int, step: Int) {
        counts[size.rest(of: step - length)] += Int32(count)
        sequences += count
    }

    /// Blocks that `count` steps from `step` on need.
    func blocks(from step: Int, count: Int) -> Int {
        var index = size.rest(of: step)
        var sum = size.whole(in: count) * sequences
        for _ in 0..<size.rest(of: count) {
            sum += Int(counts[index])
            index = index + 1 == size.tokens ? 0 : index + 1
        }
        return sum
    }

    /// The most steps from `step` on, up to `limit`, that need no more than `blocks`.
    func steps(from step: Int, within blocks: Int, upTo limit: Int) -> Int {
        guard size.whole(in: limit + size.tokens) * sequences > blocks else { return limit }
        var count = blocks / sequences * size.tokens
        var left = blocks % sequences
        var index = size.rest(of: step)
        while Int(counts[index]) <= left, count < limit {
            left -= Int(counts[index])
            count += 1
            index = index + 1 == size.tokens ? 0 : index + 1
        }
        return min(count, limit)
    }
}
