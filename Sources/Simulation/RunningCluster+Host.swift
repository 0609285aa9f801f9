import CostModeling
import DiscreteEvents
import ServingDomain

/// Host memory as a second tier: histories that the GPUs had no room for, and their way back.
extension RunningCluster {
    // MARK: Going there

    /// Moves an entry that has just lost its blocks to host memory; others there make room, least
    /// recently evicted first.
    mutating func moveToHost(_ entry: Int) {
        let (worker, blocks) = (Int(entries[entry].worker), Int(entries[entry].blocks))
        guard blocks <= hostCapacity else { return forget(entry) }
        unlink(entry)
        entries[entry].isOnHost = true
        entries[entry].pinEnd = .zero
        workers[worker].hosted.append(entry, in: &entries)
        workers[worker].hostBlocks += blocks
        while workers[worker].hostBlocks > hostCapacity {
            forget(Int(workers[worker].hosted.first))
        }
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
        var entry = Int(slots[slot].entry)
        while entry >= 0, !(entries[entry].isOnHost && Int(entries[entry].worker) == worker) {
            entry = Int(entries[entry].sibling)
        }
        return entry >= 0 ? entry : nil
    }

    // MARK: Coming back

    /// Tokens of the session's conversation in host memory beside its worker.
    func hostedTokens(_ slot: Int) -> Int {
        hostedEntry(of: slot, on: Int(slots[slot].worker)).map { Int(entries[$0].tokens) } ?? 0
    }

    /// A round that is let in will have so many more tokens than the GPUs hold: they are to be
    /// copied from host memory.
    mutating func claimHosted(_ slot: Int, beyond resident: Int) {
        guard let entry = hostedEntry(of: slot, on: Int(slots[slot].worker)) else { return }
        forget(entry)
        guard slots[slot].resident > resident else { return }
        slots[slot].loading = Int32(slots[slot].resident - resident)
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

    /// The history is back: its round can be prefilled.
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
}
