import DiscreteEvents

/// Where a living session stands in the tree of its job, and what its part of it has shown.
struct TreeState {
    /// Place of the session that started this one; negative for a root.
    var parent: Int32 = -1
    /// Sessions started by the newest ended round that have not ended.
    var open: Int32 = 0
    /// When the delay behind the newest ended round is over.
    var delayEnds = SimulatedTime.zero
    /// Whether the session's own rounds are over.
    var hasEnded = false

    // MARK: The session and all ended ones below it
    /// When the client has the last token of all.
    var lastReceived = SimulatedTime.zero
    var gaps = GapTotals()
    var missedTTFT = false
    var isRefused = false

    /// Takes over what an ended session showed, which may be one that this one started.
    mutating func add(_ other: Self) {
        lastReceived = max(lastReceived, other.lastReceived)
        gaps += other.gaps
        missedTTFT = missedTTFT || other.missedTTFT
        isRefused = isRefused || other.isRefused
    }
}

/// Tree states by the places of their sessions; empty where no session starts another.
struct TreeStates: ~Copyable {
    private var states = Slab<TreeState>()

    subscript(slot: Int) -> TreeState {
        _read { yield states[slot] }
        _modify { yield &states[slot] }
    }

    mutating func begin(_ slot: Int, parent: Int) {
        while states.count <= slot { states.append(TreeState()) }
        states[slot] = TreeState(parent: Int32(parent))
    }
}
