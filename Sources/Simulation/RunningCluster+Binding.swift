import DiscreteEvents
import ServingDomain

/// Which serving worker a session or a round is bound to.
extension RunningCluster {
    /// A serving worker for a session or round that needs `blocks` at most, among those that can
    /// ever hold them; nil where none can.
    mutating func bind(_ slot: Int, _ blocks: Int) -> Int? {
        switch dispatcher.rule {
        case .leastUsedMemory: bind(blocks) { _, face in -face.freeBlocks }
        case .leastLoaded, .sessionSticky: bind(blocks) { _, face in Int(face.unfinished) }
        case .prefixAware: bindByPrefix(slot, blocks)
        case .roundRobin:
            dispatcher.inTurn { blocks <= workers[$0].pool.capacity }
        case .weightedRoundRobin:
            dispatcher.inWeightedTurn { blocks <= workers[$0].pool.capacity }
        case .random:
            dispatcher.drawn(slots[slot].session, Int(slots[slot].round)) {
                blocks <= workers[$0].pool.capacity
            }
        }
    }

    /// The next round of a session goes wherever the dispatcher says; what the session has on other
    /// workers stays there.
    mutating func rebind(_ slot: Int) {
        let needed = blocks(sessions.contexts(of: slots[slot].session).longest, of: slot)
        guard let worker = bind(slot, needed) else { return }
        pledge(slot, 0)
        publishServing(Int(slots[slot].worker))
        slots[slot].worker = Int32(worker)
    }

    /// The worker of least load, the lowest index at a tie.
    @inline(__always)
    private mutating func bind(_ blocks: Int, by load: (Int, WorkerFace) -> Int) -> Int? {
        var best: (worker: Int, load: Int)?
        for index in workers.indices where blocks <= workers[index].pool.capacity {
            let load = load(index, servingBoard.face(of: index, at: now))
            if best.map({ load < $0.load }) ?? true { best = (index, load) }
        }
        return best?.worker
    }

    /// The worker with least prompt tokens left to compute plus tokens of the rounds in service.
    private mutating func bindByPrefix(_ slot: Int, _ blocks: Int) -> Int? {
        findOverlaps(slot)
        let (prompt, found) = (slots[slot].promptTokens, overlaps)
        let size = setup.blockSize
        return bind(blocks) { index, face in
            prompt - found[index] + face.activeBlocks * size
        }
    }

    /// How many tokens of the round's prompt the GPUs of each serving worker have.
    private mutating func findOverlaps(_ slot: Int) {
        // Steps that have begun may have evicted what is looked for.
        for index in workers.indices { settle(index) }
        let shared = segments.isEmpty ? [] : sharedSegments(slot)
        segments.overlaps(shared, below: slots[slot].promptTokens, &overlaps)
        let whole = shared.last.map { segments.end(of: Int($0)) } ?? 0
        var entry = Int(slots[slot].entry)
        while entry >= 0 {
            let worker = Int(entries[entry].worker)
            if overlaps[worker] == whole, !entries[entry].isOnHost {
                overlaps[worker] = max(whole, Int(entries[entry].tokens))
            }
            entry = Int(entries[entry].sibling)
        }
    }
}
