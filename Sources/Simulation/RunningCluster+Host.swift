import CostModeling
import DiscreteEvents
import ServingDomain

/// Host memory as a second tier: histories and shared segments that the GPUs had no room for, and
/// their way back.
extension RunningCluster {
    // MARK: Going there

    /// Moves an entry that has just lost its blocks to host memory.
    ///
    /// Others there make room, the oldest first. A segment that lies there already only becomes the youngest.
    mutating func moveToHost(_ entry: Int) {
        let (worker, blocks) = (Int(entries[entry].worker), Int(entries[entry].blocks))
        guard blocks <= hostCapacity else { return forget(entry) }
        if let segment = entries[entry].segment {
            if let copy = hostedSegments.entry(of: segment, on: worker) {
                forget(entry)
                return useLast(hosted: copy)
            }
            segments.set(nil, of: segment, on: worker)
            hostedSegments.set(entry, of: segment, on: worker)
        }
        unlink(entry)
        entries[entry].isOnHost = true
        entries[entry].pinEnd = .zero
        workers[worker].host.append(entry, in: &entries)
        while workers[worker].host.blocks > hostCapacity { forget(workers[worker].host.first) }
    }

    /// What a waiting round has just lost goes to host memory.
    mutating func moveToHost(_ slot: Int, blocks: Int, tokens: Int) {
        guard setup.host != nil, blocks > 0 else { return }
        let worker = Int(slots[slot].worker)
        let entry = entries.insert(
            KVEntry(session: slot, worker: worker, blocks: blocks, tokens: tokens))
        entries[entry].sibling = slots[slot].entry
        slots[slot].entry = Int32(entry)
        workers[worker].idle.append(entry, in: &entries)
        workers[worker].pool.changeIdle(by: blocks)
        moveToHost(entry)
    }

    /// Blocks of host memory beside each worker; 0 without that tier.
    var hostCapacity: Int { (setup.host?.capacity.value ?? 0) / setup.blockSize }

    private func hostedEntry(of slot: Int, on worker: Int) -> Int? {
        guard setup.host != nil else { return nil }
        return entries.find(from: slots[slot].entry) { $0.isOnHost && Int($0.worker) == worker }
    }

    // MARK: Coming back

    /// Tokens of the session's conversation in host memory beside its worker.
    func hostedTokens(_ slot: Int) -> Int {
        hostedEntry(of: slot, on: Int(slots[slot].worker)).map { Int(entries[$0].tokens) } ?? 0
    }

    /// A round that is let in gets copies of what the GPUs do not hold of its resident tokens.
    ///
    /// - Parameters:
    ///   - slot: the round.
    ///   - hit: what was found in shared segments.
    ///   - own: tokens of its conversation for which the session has blocks on the GPUs.
    mutating func claimHosted(_ slot: Int, _ hit: SegmentHit, beside own: Int) {
        guard setup.host != nil else { return }
        if let entry = hostedEntry(of: slot, on: Int(slots[slot].worker)) { forget(entry) }
        useHosted(slot, hit)
        let segments = hit.reached.tokens - hit.tokens
        let history = max(0, slots[slot].resident - max(own, hit.reached.tokens))
        slots[slot].loading = Int32(segments + history)
    }

    /// Copies what a round has claimed, behind all copies that were asked for before; false where
    /// there is nothing to copy.
    mutating func startLoad(_ slot: Int, isLocal: Bool) -> Bool {
        guard slots[slot].loading > 0, let host = setup.host else { return false }
        let worker = Int(slots[slot].worker)
        let time = host.time(tokens: Int(slots[slot].loading), workers[worker].costs.degree)
        let start = max(now, workers[worker].hostFree)
        workers[worker].hostFree = start + nanoseconds(time)
        slots[slot].loadsForServing = isLocal
        if slots[slot].isMeasured { result.loadedTokens += Int(slots[slot].loading) }
        note(.readHistory, slot)
        schedule(.hostCopied, slot, after: workers[worker].hostFree - now)
        return true
    }

    /// The copy is there: its round can be prefilled.
    mutating func endLoad(_ slot: Int) {
        slots[slot].loading = 0
        guard slots[slot].loadsForServing else { return startRemotePrefill(slot) }
        let worker = Int(slots[slot].worker)
        note(.queue, slot)
        slots[slot].ready = now
        noteNewcomer(worker)
        workers[worker].loaded.append(Int32(slot))
        proceed(worker)
    }

    // MARK: Shared segments

    /// The entry of a segment, on the GPUs of a worker or in host memory beside them.
    mutating func setEntry(_ entry: Int?, of segment: Int, on worker: Int, isOnHost: Bool) {
        if isOnHost {
            hostedSegments.set(entry, of: segment, on: worker)
        } else {
            segments.set(entry, of: segment, on: worker)
        }
    }

    /// Goes on with the segments behind a hit, as far as host memory has them.
    func lookUpHosted(_ slot: Int, on worker: Int, _ hit: inout SegmentHit) {
        let prompt = slots[slot].promptTokens
        for segment in sharedSegments(slot).dropFirst(hit.segments) {
            let end = segments.end(of: Int(segment))
            guard hostedSegments.entry(of: Int(segment), on: worker) != nil, end < prompt else {
                return
            }
            hit.reached = (hit.reached.segments + 1, end)
        }
    }

    /// What is copied stays in host memory, as if it had just come, those behind others first.
    private mutating func useHosted(_ slot: Int, _ hit: SegmentHit) {
        let worker = Int(slots[slot].worker)
        let copied = sharedSegments(slot).prefix(hit.reached.segments).dropFirst(hit.segments)
        for segment in copied.reversed() {
            guard let entry = hostedSegments.entry(of: Int(segment), on: worker) else { continue }
            useLast(hosted: entry)
        }
    }

    private mutating func useLast(hosted entry: Int) {
        let worker = Int(entries[entry].worker)
        workers[worker].host.remove(entry, in: &entries)
        workers[worker].host.append(entry, in: &entries)
    }
}
