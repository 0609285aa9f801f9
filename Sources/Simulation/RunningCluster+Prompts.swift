import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain

/// Prompts that are computed on serving workers, whole or in chunks.
extension RunningCluster {
    /// Takes the prompts of the next step: the first whatever its length, and those behind it as
    /// long as all their tokens stay within the budget, while seats and memory last.
    mutating func takePrompts(_ worker: Int) {
        workers[worker].hasTakenTask = false
        workers[worker].chunks.removeAll(keepingCapacity: true)
        guard !holdsPrompts(worker) else { return leavePrompts(worker) }
        var tokens = 0
        while let slot = admissible(worker) {
            let shape = localShape(slot)
            guard tokens == 0 || tokens + shape.increment <= setup.tokenBudget,
                take(slot, worker)
            else { return }
            guard slots[slot].loading == 0 else { continue }
            tokens += shape.increment
            workers[worker].chunks.append(
                .init(
                    slot: Int32(slot), history: shape.history, tokens: shape.increment,
                    isLast: true))
        }
    }

    /// The round that a worker with a free seat would prefill next.
    private mutating func admissible(_ worker: Int) -> Int? {
        guard !workers[worker].queue.isEmpty || !workers[worker].loaded.isEmpty else {
            workers[worker].isShort = false
            return nil
        }
        // Chunks of unfinished prompts are counted with those already.
        let prompts = policy.localPrefill == .chunked ? 0 : workers[worker].chunks.count
        let seats = workers[worker].seatsTaken + prompts
        guard seats < setup.maxSequences else {
            workers[worker].isShort = false
            return nil
        }
        if let first = workers[worker].loaded.first,
            isSeen(slots[Int(first)].ready, by: worker)
        {
            return Int(first)
        }
        guard let head = workers[worker].queue.head(of: order(worker)),
            isSeen(head.enqueued, by: worker)
        else { return nil }
        return Int(head.slot)
    }

    /// Takes a round whose history has come back from host memory, or lets in the first of the
    /// queue, which may have to wait for such a copy.
    private mutating func take(_ slot: Int, _ worker: Int) -> Bool {
        if workers[worker].loaded.first == Int32(slot) {
            workers[worker].loaded.removeFirst()
            slots[slot].ready = .zero
            return true
        }
        guard admitFirst(slot, worker) else { return false }
        _ = startLoad(slot, isLocal: true)
        return true
    }

    /// Algorithm 2 decides before the first task of a step is taken from the queue.
    private func order(_ worker: Int) -> [Int]? {
        guard let reordering = policy.reordering, !workers[worker].hasTakenTask else { return nil }
        return workers[worker].queue.order(at: now, busyUntil: now, by: reordering)
    }

    /// Takes the round from the queue if its whole prompt fits into memory.
    private mutating func admitFirst(_ slot: Int, _ worker: Int) -> Bool {
        let order = order(worker)
        guard admit(slot, slots[slot].promptTokens) else {
            workers[worker].isShort = true
            return false
        }
        if let order { workers[worker].queue.apply(order) }
        _ = workers[worker].queue.removeFirst()
        workers[worker].hasTakenTask = true
        workers[worker].isShort = false
        return true
    }

    /// Starts a step without the batch.
    mutating func startPrompts(_ worker: Int) {
        let cost = chunkCost(worker, beside: 0)
        let time = nanoseconds(cost.time)
        note(Ticks.ticks(nanoseconds: time), isFitted: cost.isFitted)
        beginPrompts(worker)
        occupy(worker, until: now + time)
    }

    /// Lets chunks take part in a step that begins now.
    mutating func beginPrompts(_ worker: Int) {
        workers[worker].decodes = false
        workers[worker].promptsBegan = now
        guard !workers[worker].chunks.isEmpty else { return }
        for chunk in workers[worker].chunks { markStarted(chunk) }
        noteStep(serving: worker)
    }

    mutating func markStarted(_ chunk: ServingWorker.Chunk) {
        let slot = Int(chunk.slot)
        note(.prefill, slot)
        if slots[slot].chunked == 0, slots[slot].generated == 0 {
            slots[slot].prefillStarted = now
            noteWaitOfReturn(slot)
        }
    }

    /// Nanoseconds that the chunks add to a step of `batch` decoding sequences.
    func chunkCost(
        _ worker: Int, beside batch: Int
    ) -> (time: Double, isFitted: Bool) {
        // No copy of the costs: all threads would count references to the same curves.
        var (tokens, isFitted) = (0, true)
        for place in workers[worker].chunks.indices {
            let chunk = workers[worker].chunks[place]
            tokens += chunk.tokens
            isFitted =
                isFitted
                && workers[worker].costs.coversPrefill(
                    history: chunk.history, increment: chunk.tokens)
        }
        isFitted =
            isFitted && Double(tokens + batch) <= workers[worker].costs.fittedPrefillTokens
        let time = workers[worker].costs.timeAdded(
            by: workers[worker].chunks.lazy.map { ($0.history, $0.tokens) }, beside: batch,
            context: workers[worker].batch.totalContext)
        return (time, isFitted)
    }

    /// Takes parts of prompts, unfinished ones first, until one is not completed by the step.
    mutating func takeChunks(_ worker: Int, admitting: Bool) {
        workers[worker].hasTakenTask = false
        workers[worker].chunks.removeAll(keepingCapacity: true)
        guard !holdsPrompts(worker) else { return leavePrompts(worker) }
        var budget = setup.tokenBudget - workers[worker].batch.count
        for place in workers[worker].partials.indices {
            takeChunk(of: Int(workers[worker].partials[place]), worker, &budget)
        }
        while admitting, budget > 0, let slot = admissible(worker),
            chunkSize(of: slot, worker, budget) > 0, take(slot, worker)
        {
            guard slots[slot].loading == 0 else { continue }
            workers[worker].running.append(slot, in: &slots)
            workers[worker].partials.append(Int32(slot))
            takeChunk(of: slot, worker, &budget)
        }
    }

    private mutating func takeChunk(of slot: Int, _ worker: Int, _ budget: inout Int) {
        let shape = localShape(slot)
        let done = Int(slots[slot].chunked)
        let tokens = chunkSize(of: slot, worker, budget)
        budget = done + tokens < shape.increment ? 0 : budget - tokens
        guard tokens > 0 else { return }
        workers[worker].chunks.append(
            .init(
                slot: Int32(slot), history: shape.history + done, tokens: tokens,
                isLast: done + tokens == shape.increment))
    }

    /// Tokens of a prompt that the present step has room for, beside the chunks that it has.
    ///
    /// Where the policy bounds steps, one with decoding sequences stays within the bound.
    private mutating func chunkSize(of slot: Int, _ worker: Int, _ budget: Int) -> Int {
        let (shape, done) = (localShape(slot), Int(slots[slot].chunked))
        let most = min(shape.increment - done, budget)
        let (batch, context) = (workers[worker].batch.count, workers[worker].batch.totalContext)
        guard let safeChunks = policy.safeChunks, batch > 0, most > 0 else { return most }
        let decoding =
            spreadTicks(worker)
            + stepLines.piece(
                kind: workers[worker].kind, batch: batch, context: context
            ).piece.ticks(context)
        let place = workers[worker].chunks.count
        workers[worker].chunks.append(
            .init(slot: Int32(slot), history: shape.history + done, tokens: most, isLast: false))
        defer { workers[worker].chunks.removeLast() }
        return safeChunks.largest(most) { tokens in
            workers[worker].chunks[place].tokens = tokens
            return decoding + Ticks.rounding(nanoseconds: chunkCost(worker, beside: batch).time)
        }
    }

    /// Prompts that are complete sample a token.
    mutating func endChunks(_ worker: Int) {
        guard !workers[worker].chunks.isEmpty else { return }
        for place in workers[worker].chunks.indices {
            let chunk = workers[worker].chunks[place]
            let slot = Int(chunk.slot)
            if policy.localPrefill == .chunked {
                slots[slot].chunked += Int32(chunk.tokens)
                guard chunk.isLast else { continue }
                slots[slot].chunked = 0
                workers[worker].partials.removeAll { $0 == chunk.slot }
                workers[worker].running.remove(slot, in: &slots)
            }
            endPrompt(slot, worker)
        }
        workers[worker].chunks.removeAll(keepingCapacity: true)
    }

    /// A gap between two tokens that ends with a prompt.
    private mutating func noteGap(_ slot: Int, _ nanoseconds: Int64) {
        if slots[slot].isMeasured { result.gaps.record(nanoseconds: nanoseconds) }
        let gap = Ticks.ticks(nanoseconds: nanoseconds)
        recordTenantGap(gap, slot)
        if gap > targets[Int(slots[slot].tenant)].longestGap { slots[slot].gapsOver += 1 }
    }

    private mutating func endPrompt(_ slot: Int, _ worker: Int) {
        shareSegments(slot, computed: slots[slot].promptTokens)
        if slots[slot].generated == 0, !slots[slot].hasFirstToken {
            slots[slot].prefillEnded = now
            noteFirstToken(slot)
        } else {
            noteGap(slot, now - slots[slot].lastToken)
        }
        slots[slot].lastToken = now
        if Int(slots[slot].generated) + 1 < slots[slot].outputTokens {
            note(.batchWait, slot)
            workers[worker].joining.append(Int32(slot))
        } else {
            endRound(slot, lastToken: now)
        }
    }
}
