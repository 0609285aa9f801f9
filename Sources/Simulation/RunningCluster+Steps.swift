import CostModeling
import DequeModule
import DiscreteEvents
import Scheduling
import ServingDomain

/// Steps of the serving workers: prompts, decode batches, or both.
extension RunningCluster {
    // MARK: What comes in

    mutating func enqueueLocal(_ slot: Int) {
        let worker = Int(slots[slot].worker)
        slots[slot].executor = -1
        note(.queue, slot)
        workers[worker].queue.insert(localTask(slot))
        noteNewcomer(worker)
        proceed(worker)
    }

    /// What is expected of a prefill on the session's serving worker.
    mutating func localTask(_ slot: Int) -> QueuedPrefill {
        let shape = localShape(slot)
        let compute = estimates.compute(shape, kind: workers[Int(slots[slot].worker)].kind)
        return QueuedPrefill(
            slot: Int32(slot), tokens: shape.increment, compute: nanoseconds(compute), transfer: 0,
            enqueued: now, rank: rank(slot))
    }

    /// The KV cache of a remote prefill is complete: the session joins at the next step.
    mutating func acceptIncrement(_ slot: Int) {
        if setup.firstTokenSite == .prefillShipped { noteFirstToken(slot) }
        let worker = Int(slots[slot].worker)
        if !segments.isEmpty {
            settle(worker)
            shareSegments(slot, computed: slots[slot].promptTokens - lastPositionIsLocal)
        }
        if setup.firstTokenSite == .decode || slots[slot].outputTokens > 1 {
            note(.batchWait, slot)
            slots[slot].ready = now
            noteNewcomer(worker)
            workers[worker].joining.append(Int32(slot))
        } else {
            // The steps so far had their blocks before this round gives its own back.
            settle(worker)
            endRound(slot, lastToken: slots[slot].firstToken)
        }
        proceed(worker)
    }

    /// Lets a worker see what came in: a free one begins when nothing else happens in this
    /// instant, a run of steps ends with the step that runs now.
    mutating func proceed(_ worker: Int) {
        if !workers[worker].isBusy {
            beginning.addServing(ranks(of: worker).lowerBound)
        } else if workers[worker].decodes, workers[worker].busyUntil > now {
            cutRun(worker, after: workers[worker].entry.run.begun(before: now))
        }
        publishServing(worker)
    }

    /// Ends the run of a worker, and of the ranks that step with it, after so many steps, if it is
    /// longer.
    mutating func cutRun(_ worker: Int, after steps: Int) {
        let run = workers[worker].entry.run
        guard steps < run.steps else { return }
        for rank in ranks(of: worker) {
            workers[rank].entry.run.steps = steps
            if policy.tracksITL { workers[rank].gaps.end(after: steps) }
        }
        occupy(worker, until: run.end(after: steps))
    }

    /// Ends the run before the memory that is left now would be used up.
    mutating func limitRun(_ worker: Int) {
        guard workers[worker].isBusy, workers[worker].decodes else { return }
        let (charged, planned) = (workers[worker].charged, workers[worker].entry.run.steps)
        let more = workers[worker].batch.growth.steps(
            from: workers[worker].batch.step + charged, within: spareBlocks(worker),
            upTo: planned - charged)
        if more < planned - charged { cutRun(worker, after: charged + more) }
    }

    /// Blocks that a batch may grow into without touching waiting or running rounds.
    func spareBlocks(_ worker: Int) -> Int {
        let pool = workers[worker].pool
        return setup.retention == .pinned ? pool.free : pool.free + pool.idle
    }

    // MARK: Beginning a step

    /// Begins whatever a free worker should do next, and the ranks that step with it.
    mutating func beginServing(_ worker: Int) {
        guard !workers[worker].isBusy else { return }
        if formSteps(worker) { start(worker) } else { rest(worker) }
        for rank in ranks(of: worker) {
            if !workers[rank].memoryQueue.isEmpty { admitWaiting(rank) }
            publishServing(rank)
        }
    }

    /// Forms the steps of a worker and of the ranks that step with it; false where there is nothing to
    /// compute.
    private mutating func formSteps(_ worker: Int) -> Bool {
        if let rule = promptRule { return formSteps(worker, rule) }
        var hasWork = false
        for rank in ranks(of: worker) {
            reviewInterceptions(rank)
            if formSeeing(rank) { hasWork = true }
        }
        return hasWork
    }

    /// Forms a step of a worker, who sees everybody where there is nothing else to compute; false where
    /// there is nothing at all.
    mutating func formSeeing(_ worker: Int) -> Bool {
        form(worker) || lookAtNewcomers(worker) && form(worker)
    }

    /// Forms a step; false where there is nothing to compute.
    private mutating func form(_ worker: Int) -> Bool {
        switch policy.localPrefill {
        case .wholePrompts: formPromptsOrDecode(worker)
        case .chunked: formMixed(worker)
        }
    }

    /// Prefill before decode (§4.1); once more where the batch had to give way to the queue.
    private mutating func formPromptsOrDecode(_ worker: Int) -> Bool {
        var isComplete = false
        while !isComplete {
            takePrompts(worker)
            if !workers[worker].chunks.isEmpty { return true }
            join(worker)
            isComplete = secureStep(worker)
            if workers[worker].batch.count > 0 { return true }
        }
        return false
    }

    /// Decoding sequences first, then parts of prompts as far as the budget goes.
    private mutating func formMixed(_ worker: Int) -> Bool {
        var isComplete = false
        while !isComplete {
            join(worker)
            isComplete = secureStep(worker)
            let batch = workers[worker].batch.count
            takeChunks(worker, admitting: isComplete || batch == 0)
            if batch > 0 || !workers[worker].chunks.isEmpty { return true }
        }
        return false
    }

    /// Begins the step that was formed.
    private mutating func start(_ worker: Int) {
        if setup.dataParallelRanks > 1 {
            startTogether(worker)
        } else if decodesNext(worker) {
            startRun(worker)
        } else {
            startPrompts(worker)
        }
    }

    /// Whether the batch takes part in the step that was formed.
    func decodesNext(_ worker: Int) -> Bool {
        workers[worker].batch.count > 0
            && (policy.localPrefill == .chunked || workers[worker].chunks.isEmpty)
    }

    /// Keeps a worker, and the ranks that step with it, from anything else until `end`.
    mutating func occupy(_ worker: Int, until end: SimulatedTime) {
        let ranks = ranks(of: worker)
        for rank in ranks {
            workers[rank].isBusy = true
            workers[rank].busyUntil = end
            if workers[rank].busySince == .never { workers[rank].busySince = now }
        }
        events.push(
            at: end, rank: ServingEvent.Kind.stepEnded.rawValue, tie: UInt64(ranks.lowerBound),
            event: ServingEvent(.stepEnded, ranks.lowerBound))
    }

    private mutating func rest(_ worker: Int) {
        for rank in ranks(of: worker) {
            workers[rank].busyTime = workers[rank].busyTime(at: now)
            workers[rank].busySince = .never
            // No step runs while which the next one could be formed.
            workers[rank].seenUntil = .never
        }
    }

    // MARK: Ending a step

    /// Ends a step or a run of them, if it was not cut short.
    ///
    /// The worker counts as busy until every ended round is dealt with, so that nothing they
    /// release can start a step in between.
    mutating func endStep(_ worker: Int) {
        guard workers[worker].isBusy, workers[worker].busyUntil == now else { return }
        if let decoding = ranks(of: worker).first(where: { workers[$0].decodes }) {
            let run = workers[decoding].entry.run
            note(run.duration(run.steps), isFitted: run.isFitted)
            countWaiting(worker, steps: run.steps - 1)
        }
        for rank in ranks(of: worker) { endShare(rank) }
        for rank in ranks(of: worker) {
            workers[rank].isBusy = false
            workers[rank].decodes = false
        }
        for rank in ranks(of: worker) { proceed(rank) }
    }

    /// Ends what one rank had of a step.
    private mutating func endShare(_ worker: Int) {
        noteStepEnd(serving: worker)
        lookAhead(worker)
        if policy.minimisesWaste { workers[worker].lastStep = lastStep(worker) }
        if workers[worker].decodes {
            let run = workers[worker].entry.run
            charge(worker, upTo: run.steps)
            workers[worker].batch.advance(run)
            recordGaps(worker)
            endRounds(worker)
        }
        endChunks(worker)
    }

    /// Ticks of the step that ends now.
    private func lastStep(_ worker: Int) -> Int128 {
        let run = workers[worker].entry.run
        return workers[worker].decodes
            ? Ticks.wide(run.ticks(of: run.steps - 1))
            : Ticks.ticks(nanoseconds: now - workers[worker].promptsBegan)
    }

    mutating func endRounds(_ worker: Int) {
        while let (step, member) = workers[worker].batch.nextEnding,
            step <= workers[worker].batch.step
        {
            workers[worker].batch.dropNextEnding()
            guard isCurrent(member, on: worker) else { continue }
            let slot = Int(member.slot)
            workers[worker].running.remove(slot, in: &slots)
            leaveBatch(slot, worker)
            endRound(slot, lastToken: now)
        }
    }
}
