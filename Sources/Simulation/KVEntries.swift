import DiscreteEvents

/// KV cache on one worker that belongs to no running round alone: a session's history while it is
/// not being served there, or a segment that several prompts begin with.
struct KVEntry {
    /// The session's place, or the complement of the segment.
    let owner: Int32
    let worker: Int32
    private(set) var blocks: Int32
    /// Tokens of the session's conversation that are resident, as long as its prefix is.
    private(set) var tokens: Int32
    /// Rounds in service that use a segment; it is idle at 0.
    var users: Int32 = 0
    /// Until when nobody else may have the memory; `.zero` where it is not pinned.
    var pinEnd = SimulatedTime.zero
    /// When the round ended that left it.
    var left = SimulatedTime.zero
    /// Whether it lies in host memory; then it has no blocks of the GPUs.
    var isOnHost = false
    /// Tokens that have been copied to host memory so far.
    var swapped: Int32 = 0
    /// Neighbours in the worker's order of use.
    fileprivate(set) var next: Int32 = -1
    fileprivate(set) var previous: Int32 = -1
    /// Next entry of the same session, on another worker.
    var sibling: Int32 = -1

    init(session slot: Int, worker: Int, blocks: Int, tokens: Int) {
        owner = Int32(slot)
        self.worker = Int32(worker)
        self.blocks = Int32(blocks)
        self.tokens = Int32(tokens)
    }

    init(segment: Int, worker: Int, blocks: Int) {
        owner = ~Int32(segment)
        self.worker = Int32(worker)
        self.blocks = Int32(blocks)
        tokens = 0
        users = 1
    }

    /// Leaves the first tokens, in so many blocks; who counts those must count anew.
    mutating func shorten(to tokens: Int, blocks: Int) {
        self.tokens = Int32(tokens)
        self.blocks = Int32(blocks)
        swapped = min(swapped, Int32(tokens))
    }

    /// The segment; nil where a session owns the entry.
    var segment: Int? { owner < 0 ? Int(~owner) : nil }
}

/// All entries of a cluster; places are used again.
struct KVEntries: ~Copyable {
    private var slab = Slab<KVEntry>()
    private var free: [Int] = []

    subscript(index: Int) -> KVEntry {
        _read { yield slab[index] }
        _modify { yield &slab[index] }
    }

    mutating func insert(_ entry: KVEntry) -> Int {
        guard let index = free.popLast() else {
            slab.append(entry)
            return slab.count - 1
        }
        slab[index] = entry
        return index
    }

    mutating func remove(_ index: Int) { free.append(index) }

    /// The first entry of a session's chain from `first` on that is wanted; nil for none.
    @inline(__always)
    func find(from first: Int32, _ isWanted: (KVEntry) -> Bool) -> Int? {
        var index = Int(first)
        while index >= 0, !isWanted(slab[index]) { index = Int(slab[index].sibling) }
        return index >= 0 ? index : nil
    }

    /// Takes an entry out of the chain of its session's entries that begins with `first`.
    mutating func unchain(_ index: Int, from first: inout Int32) {
        guard Int(first) != index else {
            first = slab[index].sibling
            return
        }
        var before = Int(first)
        while Int(slab[before].sibling) != index { before = Int(slab[before].sibling) }
        slab[before].sibling = slab[index].sibling
    }
}

/// Entries of one worker in an order of use: idle, pinned, or in host memory, or the prompts that a
/// prefill worker keeps; an entry is in one list.
struct KVEntryList {
    private(set) var first: Int32 = -1
    private var last: Int32 = -1

    var isEmpty: Bool { first < 0 }

    mutating func append(_ index: Int, in entries: inout KVEntries) {
        entries[index].previous = last
        entries[index].next = -1
        if last >= 0 { entries[Int(last)].next = Int32(index) } else { first = Int32(index) }
        last = Int32(index)
    }

    mutating func remove(_ index: Int, in entries: inout KVEntries) {
        let (previous, next) = (entries[index].previous, entries[index].next)
        if previous >= 0 { entries[Int(previous)].next = next } else { first = next }
        if next >= 0 { entries[Int(next)].previous = previous } else { last = previous }
    }
}
