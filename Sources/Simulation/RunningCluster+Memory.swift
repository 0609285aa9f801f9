import CostModeling
import DiscreteEvents
import ServingDomain

/// KV memory of the serving workers: admission, growth, eviction and preemption.
extension RunningCluster {
    /// Blocks that hold what is kept of a session's first `tokens` tokens, what it holds beside them included.
    func blocks(_ tokens: Int, of slot: Int) -> Int {
        tokens > 0 ? sequenceBlocks(tokens, of: slot) : 0
    }

    /// The same of a session that is being served, whose first token may still be to come.
    private func sequenceBlocks(_ tokens: Int, of slot: Int) -> Int {
        blockSize.whole(in: tokens + blockSize.tokens - 1) + Int(slots[slot].besideBlocks)
    }

    /// A released round stands in a queue: what it holds is not in use.
    mutating func wait(_ slot: Int) {
        slots[slot].stage = .waiting
        guard slots[slot].blocks > 0 else { return }
        let worker = Int(slots[slot].worker)
        workers[worker].waiting.append(slot, in: &slots)
        workers[worker].pool.changeWaiting(by: slots[slot].blocks)
    }

    /// A waiting round takes the blocks of `tokens` tokens if they can be had; false where not.
    ///
    /// Idle KV is evicted for it, least recently used first, if that is enough. When no round is
    /// being served, waiting ones give theirs up too, last come first, so that the one for whom
    /// room is made can always go on.
    mutating func admit(_ slot: Int, _ tokens: Int) -> Bool {
        let (worker, hit) = (Int(slots[slot].worker), lookUp(slot))
        let own = max(0, sequenceBlocks(tokens, of: slot) - hit.blocks)
        let more = own - slots[slot].blocks
        let pool = workers[worker].pool
        let evictable =
            setup.retention == .pinned && !pool.isUnused ? 0 : pool.idle - hit.idleBlocks
        guard pool.isUnused || pool.free + evictable >= more else { return false }
        useSegments(slot, hit)
        while workers[worker].pool.free < more, !workers[worker].idle.isEmpty {
            evictIdle(worker)
        }
        while workers[worker].pool.free < more, evictPinned(worker) {}
        while workers[worker].pool.free < more, evictWaiting(worker, keeping: slot) {}
        occupy(slot, own)
        return true
    }

    private mutating func occupy(_ slot: Int, _ own: Int) {
        let worker = Int(slots[slot].worker)
        if slots[slot].blocks > 0 {
            workers[worker].waiting.remove(slot, in: &slots)
            workers[worker].pool.changeWaiting(by: -slots[slot].blocks)
        }
        workers[worker].pool.change(by: own - slots[slot].blocks)
        slots[slot].blocks = own
        if slots[slot].isMeasured, !slots[slot].wasPreempted {
            result.recomputedTokens += max(0, slots[slot].context - slots[slot].resident)
        }
        slots[slot].stage = .active
    }

    /// Lets rounds in that are prefilled elsewhere, first come first served, as long as their
    /// prompts fit and no round that will be prefilled here is short of memory.
    mutating func admitWaiting(_ worker: Int) {
        if !workers[worker].memoryQueue.isEmpty { settle(worker) }
        while !workers[worker].isShort, let first = workers[worker].memoryQueue.first {
            let slot = Int(first)
            guard admit(slot, slots[slot].promptTokens - lastPositionIsLocal) else { break }
            workers[worker].memoryQueue.removeFirst()
            slots[slot].admitted = now
            if !startLoad(slot, isLocal: false) { startRemotePrefill(slot) }
        }
        limitRun(worker)
        publishServing(worker)
    }

    /// 1 where the serving worker computes the last position of a remote prompt itself.
    var lastPositionIsLocal: Int { setup.firstTokenSite == .decode ? 1 : 0 }

    /// Takes the memory of the waiting round that came last; false where none has any.
    private mutating func evictWaiting(
        _ worker: Int, keeping head: Int, sparesPinned: Bool = false
    ) -> Bool {
        var slot = Int(workers[worker].waiting.last)
        while slot >= 0, slot == head || sparesPinned && slots[slot].isPinned {
            slot = Int(slots[slot].previous)
        }
        guard slot >= 0 else { return false }
        workers[worker].waiting.remove(slot, in: &slots)
        workers[worker].pool.changeWaiting(by: -slots[slot].blocks)
        evict(slot)
        return true
    }

    private mutating func evict(_ slot: Int) {
        let (blocks, tokens) = (slots[slot].blocks, slots[slot].resident)
        workers[Int(slots[slot].worker)].pool.give(blocks)
        slots[slot].blocks = 0
        slots[slot].resident = 0
        slots[slot].hasLostHistory = true
        moveToHost(slot, blocks: blocks, tokens: tokens)
        note(.eviction, slot)
        if slots[slot].isMeasured { result.evictions += 1 }
        guard slots[slot].isPinned else { return }
        slots[slot].isPinned = false
        workers[Int(slots[slot].worker)].queue.rerank(slot, rank(slot))
    }

    /// At the end of a round: the history stays, blocks that it does not fill go back.
    mutating func keepHistory(_ slot: Int) {
        let worker = Int(slots[slot].worker)
        let filled = max(
            0, blocks(slots[slot].resident, of: slot) - Int(slots[slot].sharedBlocks))
        let kept = setup.retention == .discarded ? 0 : filled
        workers[worker].pool.give(slots[slot].blocks - kept)
        slots[slot].blocks = 0
        pledge(slot, kept + Int(slots[slot].sharedBlocks))
        park(slot, blocks: kept, pinnedUntil: endOfPin(slot))
        leaveSegments(slot)
        admitWaiting(worker)
    }

    // MARK: Growth of the batch

    /// Takes the blocks of the steps that have begun so far, and evicts idle KV for them.
    ///
    /// Everything that reads or changes a worker's memory while a run goes on comes through here.
    mutating func settle(_ worker: Int) {
        guard workers[worker].isBusy, workers[worker].decodes else { return }
        charge(worker, upTo: workers[worker].entry.run.begun(before: now))
    }

    mutating func charge(_ worker: Int, upTo steps: Int) {
        while workers[worker].charged < steps {
            let (step, left) = (
                workers[worker].batch.step + workers[worker].charged,
                steps - workers[worker].charged
            )
            let count = workers[worker].batch.growth.steps(
                from: step, within: workers[worker].pool.free, upTo: left)
            workers[worker].pool.take(
                workers[worker].batch.growth.blocks(from: step, count: count))
            workers[worker].charged += count
            if count < left { evictIdle(worker) }
        }
    }

    /// Takes the blocks of the next step.
    ///
    /// Where they are missing idle KV goes first, then that of waiting rounds, then the rounds
    /// that came into the batch last.
    ///
    /// - Returns: whether nobody had to leave the batch.
    mutating func secureStep(_ worker: Int) -> Bool {
        workers[worker].hasTakenBack = false
        var isComplete = true
        while true {
            let blocks = workers[worker].batch.growth.blocks(
                from: workers[worker].batch.step, count: 1)
            if blocks <= workers[worker].pool.free {
                workers[worker].pool.take(blocks)
                return isComplete
            }
            if !workers[worker].idle.isEmpty, setup.retention != .pinned {
                evictIdle(worker)
                continue
            }
            workers[worker].hasTakenBack = true
            if evictWaiting(worker, keeping: -1, sparesPinned: true) { continue }
            if runsAlone(worker), evictPinned(worker) || evictWaiting(worker, keeping: -1) {
                continue
            }
            preempt(victim(worker), worker)
            isComplete = false
        }
    }

    /// Whether there is one round in service at most, for whom pins have to give way.
    private func runsAlone(_ worker: Int) -> Bool {
        workers[worker].batch.count + workers[worker].partials.count <= 1
    }

    /// A round gives everything up and goes before the queue.
    private mutating func preempt(_ slot: Int, _ worker: Int) {
        workers[worker].running.remove(slot, in: &slots)
        if slots[slot].stage == .decoding {
            leaveBatch(slot, worker)
            // Who has not been in a step yet had its newest token elsewhere.
            if slots[slot].joinStep < workers[worker].batch.step {
                slots[slot].lastToken = SimulatedTime(
                    nanoseconds: Ticks.nanoseconds(workers[worker].batch.clock))
            }
            let left = slots[slot].joinStep + slots[slot].joinSteps - workers[worker].batch.step
            slots[slot].generated = Int32(slots[slot].outputTokens - left)
        } else {
            workers[worker].partials.removeAll { $0 == Int32(slot) }
        }
        if slots[slot].isMeasured {
            result.preemptions += 1
            result.recomputedTokens += slots[slot].promptTokens
        }
        workers[worker].pool.give(slots[slot].blocks)
        leaveSegments(slot)
        slots[slot].blocks = 0
        slots[slot].resident = 0
        slots[slot].chunked = 0
        slots[slot].wasPreempted = true
        slots[slot].isPinned = false
        slots[slot].stage = .waiting
        note(.preemption, slot)
        note(.queue, slot)
        workers[worker].isShort = true
        requeue(localTask(slot), worker)
    }

    private mutating func requeue(_ task: QueuedPrefill, _ worker: Int) {
        noteNewcomer(worker)
        if policy.programs == nil {
            workers[worker].queue.prepend(task)
        } else {
            workers[worker].queue.insert(task)
        }
    }

    /// Takes a sequence out of the batch; its blocks follow from its length.
    mutating func leaveBatch(_ slot: Int, _ worker: Int) {
        slots[slot].blocks =
            sequenceBlocks(workers[worker].batch.length(of: slots[slot]), of: slot)
            - Int(slots[slot].sharedBlocks)
        slots[slot].gapsOver +=
            workers[worker].batch.longSteps(of: slots[slot].tenant) - slots[slot].longStepsBefore
        workers[worker].batch.leave(slots[slot])
        slots[slot].stage = .active
        // The sequence's entry among the endings is void from here on.
        slots[slot].ticket = 0
    }
}
