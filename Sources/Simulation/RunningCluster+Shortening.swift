import DiscreteEvents
import ServingDomain

/// Prompts that keep less than all that was said before: what was computed behind is given up.
extension RunningCluster {
    /// A round is released: if its prompt keeps only the first tokens of its history, so does whoever
    /// holds KV cache of it.
    mutating func shortenHistory(_ slot: Int) {
        guard !sessions.histories.isEmpty else { return }
        let tokens = sessions.histories.tokens(ofRound: slots[slot].servedRound)
        let kept = Int(tokens)
        guard tokens != KeptHistories.all, kept <= slots[slot].context, slots[slot].round > 0
        else { return }
        slots[slot].context = kept
        slots[slot].unread = 0
        slots[slot].resident = min(slots[slot].resident, kept)
        shortenPrompts(slot, to: kept)
        shortenEntries(slot, to: kept)
    }

    /// On serving workers and in host memory beside them, what came last first.
    private mutating func shortenEntries(_ slot: Int, to kept: Int) {
        for worker in workersWithEntries(of: slot, longerThan: kept) {
            // Steps that have begun there may evict the entry now.
            settle(worker)
            for isOnHost in [true, false] {
                let entry = entries.find(from: slots[slot].entry) {
                    Int($0.worker) == worker && $0.isOnHost == isOnHost && $0.tokens > kept
                }
                guard let entry else { continue }
                shorten(entry, to: kept)
                guard !isOnHost else { continue }
                admitWaiting(worker)
                if !workers[worker].queue.isEmpty { proceed(worker) }
            }
        }
    }

    private func workersWithEntries(of slot: Int, longerThan kept: Int) -> [Int] {
        var (found, entry) = ([Int](), Int(slots[slot].entry))
        while entry >= 0 {
            let worker = Int(entries[entry].worker)
            if entries[entry].tokens > kept, !found.contains(worker) { found.append(worker) }
            entry = Int(entries[entry].sibling)
        }
        return found
    }

    /// What of the entry lies in shared segments stays theirs.
    private mutating func shorten(_ entry: Int, to kept: Int) {
        let (worker, before) = (Int(entries[entry].worker), Int(entries[entry].blocks))
        let owner = Int(entries[entry].owner)
        let beside = Int(slots[owner].besideBlocks)
        let shared = blocks(Int(entries[entry].tokens), of: owner) - before
        let own = max(0, blocks(kept, of: owner) - beside - shared)
        let left = own > 0 ? own + beside : 0
        let isOnHost = entries[entry].isOnHost
        if !isOnHost { workers[worker].pool.give(before - left) }
        guard left > 0 else { return forget(entry) }
        if isOnHost {
            workers[worker].host.shorten(entry, to: kept, blocks: left, in: &entries)
            return
        }
        if entries[entry].pinEnd == .zero {
            workers[worker].pool.changeIdle(by: left - before)
        } else {
            workers[worker].pool.changePinned(by: left - before)
        }
        entries[entry].shorten(to: kept, blocks: left)
    }

    // MARK: Prompts that prefill workers keep

    private mutating func shortenPrompts(_ slot: Int, to kept: Int) {
        let whole = kept / setup.blockSize * setup.blockSize
        while let entry = entries.find(
            from: slots[slot].cachedPrompt, { Int($0.tokens) > whole })
        {
            let shared = Int(entries[entry].tokens) / setup.blockSize - Int(entries[entry].blocks)
            let left = whole / setup.blockSize - shared
            guard left > 0 else {
                forgetPrompt(entry)
                continue
            }
            prefillWorkers[Int(entries[entry].worker)].cachedBlocks -=
                Int(entries[entry].blocks) - left
            entries[entry].shorten(to: whole, blocks: left)
        }
    }
}
