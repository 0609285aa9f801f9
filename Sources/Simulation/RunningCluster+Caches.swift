import DiscreteEvents
import ServingDomain

/// KV cache that is kept for later: histories of sessions, and segments that prompts share.
extension RunningCluster {
    /// How far the beginning of a round's prompt is on a worker in shared segments.
    struct SegmentHit {
        /// Those on the GPUs.
        var segments = 0
        /// In whole blocks.
        var tokens = 0
        var blocks = 0
        /// Those of `blocks` that no round in service uses.
        var idleBlocks = 0
        /// Segments and tokens with those behind them that host memory has.
        var reached = (segments: 0, tokens: 0)
    }

    // MARK: Histories

    /// The session's history stays on its worker while it is not being served there.
    mutating func park(_ slot: Int, blocks: Int, pinnedUntil end: SimulatedTime) {
        guard blocks > 0 else { return }
        let worker = Int(slots[slot].worker)
        let entry = entries.insert(
            KVEntry(session: slot, worker: worker, blocks: blocks, tokens: slots[slot].resident))
        entries[entry].left = slots[slot].roundEnded
        entries[entry].sibling = slots[slot].entry
        slots[slot].entry = Int32(entry)
        guard end == .zero else { return pin(entry, until: end, of: slot) }
        workers[worker].idle.append(entry, in: &entries)
        workers[worker].pool.changeIdle(by: blocks)
    }

    /// What the session has on its worker becomes its own again.
    mutating func unpark(_ slot: Int) {
        slots[slot].blocks = 0
        slots[slot].resident = 0
        let worker = slots[slot].worker
        let found = entries.find(from: slots[slot].entry) { $0.worker == worker && !$0.isOnHost }
        guard let entry = found else { return }
        slots[slot].blocks = Int(entries[entry].blocks)
        slots[slot].resident = Int(entries[entry].tokens)
        slots[slot].isPinned = entries[entry].pinEnd != .zero
        forget(entry)
    }

    /// An ended session leaves nothing behind.
    mutating func dropHistories(_ slot: Int) {
        while slots[slot].entry >= 0 {
            let worker = Int(entries[Int(slots[slot].entry)].worker)
            // Steps that have begun there may have evicted the entry by now.
            settle(worker)
            let entry = Int(slots[slot].entry)
            guard entry >= 0, Int(entries[entry].worker) == worker else { continue }
            if entries[entry].isOnHost {
                forget(entry)
                continue
            }
            workers[worker].pool.give(Int(entries[entry].blocks))
            forget(entry)
            guard worker != Int(slots[slot].worker) else { continue }
            admitWaiting(worker)
            if !workers[worker].queue.isEmpty { proceed(worker) }
        }
    }

    /// Takes an entry out of the list that it is in; blocks of GPUs stay in use.
    mutating func unlink(_ entry: Int) {
        let (worker, blocks) = (Int(entries[entry].worker), Int(entries[entry].blocks))
        if entries[entry].isOnHost {
            return workers[worker].host.remove(entry, in: &entries)
        }
        guard entries[entry].pinEnd == .zero else {
            workers[worker].pinned.remove(entry, in: &entries)
            return workers[worker].pool.changePinned(by: -blocks)
        }
        workers[worker].idle.remove(entry, in: &entries)
        workers[worker].pool.changeIdle(by: -blocks)
    }

    /// Forgets an entry; blocks of GPUs stay in use.
    mutating func forget(_ entry: Int) {
        let worker = Int(entries[entry].worker)
        unlink(entry)
        if let segment = entries[entry].segment {
            setEntry(nil, of: segment, on: worker, isOnHost: entries[entry].isOnHost)
        } else {
            entries.unchain(entry, from: &slots[Int(entries[entry].owner)].entry)
        }
        entries.remove(entry)
    }

    /// Frees what was used least recently of what nobody uses.
    mutating func evictIdle(_ worker: Int) {
        evict(entry: Int(workers[worker].idle.first))
    }

    /// Frees an entry that is idle or pinned; it may go on in host memory.
    mutating func evict(entry: Int) {
        workers[Int(entries[entry].worker)].pool.give(Int(entries[entry].blocks))
        if entries[entry].segment == nil { noteEviction(entry) }
        if setup.host != nil { moveToHost(entry) } else { forget(entry) }
    }

    mutating func noteEviction(_ entry: Int) {
        let owner = Int(entries[entry].owner)
        note(.eviction, owner)
        if slots[owner].isMeasured { result.evictions += 1 }
    }

    // MARK: Shared segments

    /// The segments with which the round's prompt begins.
    func sharedSegments(_ slot: Int) -> ArraySlice<Int32> {
        sessions.prefixes.segments(ofRound: slots[slot].servedRound)
    }

    /// Looks a round's prompt up on its worker; at least one token is left to compute.
    func lookUp(_ slot: Int) -> SegmentHit { lookUp(slot, on: Int(slots[slot].worker)) }

    func lookUp(_ slot: Int, on worker: Int) -> SegmentHit {
        var hit = SegmentHit()
        guard !segments.isEmpty else { return hit }
        let prompt = slots[slot].promptTokens
        for segment in sharedSegments(slot) {
            guard let entry = segments.entry(of: Int(segment), on: worker) else { break }
            let end = segments.end(of: Int(segment))
            guard end < prompt else { break }
            hit.segments += 1
            hit.tokens = end
            hit.blocks += Int(entries[entry].blocks)
            if entries[entry].users == 0 { hit.idleBlocks += Int(entries[entry].blocks) }
        }
        hit.reached = (hit.segments, hit.tokens)
        if !hostedSegments.isEmpty { lookUpHosted(slot, on: worker, &hit) }
        return hit
    }

    /// Tokens of the round's prompt whose KV cache is on its worker.
    ///
    /// What a session has for itself is of use only behind the whole of what it shares.
    func residentTokens(_ slot: Int) -> Int {
        guard !segments.isEmpty else { return ownTokens(slot) }
        guard slots[slot].sharedSegments < 0 else { return slots[slot].resident }
        return residentTokens(slot, lookUp(slot))
    }

    private func residentTokens(_ slot: Int, _ hit: SegmentHit) -> Int {
        segments.isEmpty || hit.reached.segments == sharedSegments(slot).count
            ? max(ownTokens(slot), hit.reached.tokens) : hit.reached.tokens
    }

    /// Tokens of the session's own history on its worker, in host memory where the GPUs have none.
    private func ownTokens(_ slot: Int) -> Int {
        slots[slot].resident > 0 ? slots[slot].resident : hostedTokens(slot)
    }

    /// A round that is let in uses the segments that were found, and what host memory has.
    mutating func useSegments(_ slot: Int, _ hit: SegmentHit) {
        guard !segments.isEmpty || setup.host != nil else { return }
        let onWorker = slots[slot].resident
        slots[slot].resident = residentTokens(slot, hit)
        claimHosted(slot, hit, beside: onWorker)
        guard !segments.isEmpty else { return }
        slots[slot].sharedSegments = 0
        for segment in sharedSegments(slot).prefix(hit.segments) { use(Int(segment), slot) }
    }

    private mutating func use(_ segment: Int, _ slot: Int) {
        let worker = Int(slots[slot].worker)
        guard let entry = segments.entry(of: segment, on: worker) else { return }
        let blocks = Int(entries[entry].blocks)
        if entries[entry].users == 0 {
            workers[worker].idle.remove(entry, in: &entries)
            workers[worker].pool.changeIdle(by: -blocks)
        }
        entries[entry].users += 1
        slots[slot].sharedSegments += 1
        slots[slot].sharedBlocks += Int32(blocks)
    }

    /// Whole segments of a complete prompt are there for others from now on.
    ///
    /// Those end within its first `computed` tokens, whose KV cache is on the worker. Where another
    /// round was quicker its copy is used and this one's is given back.
    mutating func shareSegments(_ slot: Int, computed: Int) {
        guard !segments.isEmpty, slots[slot].sharedSegments >= 0 else { return }
        let worker = Int(slots[slot].worker)
        for segment in sharedSegments(slot).dropFirst(Int(slots[slot].sharedSegments)) {
            let segment = Int(segment)
            guard segments.end(of: segment) <= computed else { return }
            let blocks = segments.blocks(of: segment)
            slots[slot].blocks -= blocks
            if segments.entry(of: segment, on: worker) != nil {
                use(segment, slot)
                workers[worker].pool.give(blocks)
                continue
            }
            let entry = KVEntry(segment: segment, worker: worker, blocks: blocks)
            segments.set(entries.insert(entry), of: segment, on: worker)
            slots[slot].sharedSegments += 1
            slots[slot].sharedBlocks += Int32(blocks)
        }
    }

    /// The round uses its segments no more; those behind others become idle before them.
    mutating func leaveSegments(_ slot: Int) {
        guard slots[slot].sharedSegments >= 0 else { return }
        let worker = Int(slots[slot].worker)
        for segment in sharedSegments(slot).prefix(Int(slots[slot].sharedSegments)).reversed() {
            guard let entry = segments.entry(of: Int(segment), on: worker) else { continue }
            entries[entry].users -= 1
            guard entries[entry].users == 0 else { continue }
            workers[worker].idle.append(entry, in: &entries)
            workers[worker].pool.changeIdle(by: Int(entries[entry].blocks))
        }
        slots[slot].sharedSegments = -1
        slots[slot].sharedBlocks = 0
    }
}
