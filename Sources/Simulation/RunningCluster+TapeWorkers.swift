import DiscreteEvents
import ServingDomain

/// What workers and links do, for the tape.
extension RunningCluster {
    @inline(__always)
    mutating func noteStep(prefill index: Int) {
        if isTaping { recordStep(prefill: index) }
    }

    @inline(__always)
    mutating func noteStep(serving worker: Int) {
        if isTaping { recordStep(serving: worker) }
    }

    @inline(__always)
    mutating func noteStepEnd(prefill index: Int) {
        if isTaping { recordStepEnd(prefill: index) }
    }

    @inline(__always)
    mutating func noteStepEnd(serving worker: Int) {
        if isTaping { recordStepEnd(serving: worker) }
    }

    @inline(__always)
    mutating func noteTransfer(
        _ part: Transfer.Part, _ tokens: Int, _ slot: Int, prefillWorker index: Int
    ) {
        if isTaping { recordTransfer(part, tokens, slot, index) }
    }

    @inline(__always)
    mutating func noteTransferEnd(_ slot: Int) {
        if isTaping { recordTransferEnd(slot) }
    }

    @inline(__always)
    mutating func noteLoad(prefill index: Int) {
        if isTaping { recordLoad(prefill: index) }
    }

    @inline(__always)
    mutating func noteLoad(serving worker: Int) {
        if isTaping { recordLoad(serving: worker) }
    }

    // MARK: Records

    @inline(never)
    private mutating func recordStep(prefill index: Int) {
        var step = TapeRecorder.Computing(start: now.nanoseconds)
        for task in prefillWorkers[index].computing {
            step.prompts.append(prompt(task.slot, task.history, task.increment))
        }
        recorder?.begin(step, on: index)
    }

    @inline(never)
    private mutating func recordStep(serving worker: Int) {
        var step = TapeRecorder.Computing(start: now.nanoseconds)
        if workers[worker].decodes {
            step.batch = workers[worker].batch.count
            step.context = workers[worker].batch.totalContext
        }
        for chunk in workers[worker].chunks {
            step.prompts.append(prompt(chunk.slot, chunk.history, chunk.tokens))
        }
        recorder?.begin(step, on: prefillWorkers.count + worker)
    }

    @inline(never)
    private mutating func recordStepEnd(prefill index: Int) {
        recorder?.endStep(index, steps: 1, at: now.nanoseconds)
    }

    @inline(never)
    private mutating func recordStepEnd(serving worker: Int) {
        let steps = workers[worker].decodes ? workers[worker].entry.run.steps : 1
        recorder?.endStep(prefillWorkers.count + worker, steps: steps, at: now.nanoseconds)
    }

    private func prompt(_ slot: Int32, _ history: Int, _ tokens: Int) -> Tape.Prompt {
        Tape.Prompt(
            session: Int32(slots[Int(slot)].session), round: slots[Int(slot)].round,
            history: history, tokens: tokens)
    }

    @inline(never)
    private mutating func recordTransfer(
        _ part: Transfer.Part, _ tokens: Int, _ slot: Int, _ index: Int
    ) {
        let home = prefillWorkers.count + Int(slots[slot].worker)
        switch part {
        case .history:
            note(.readHistory, slot)
            recorder?.ask(
                .history, slot, tokens: tokens, from: home, to: index, at: now.nanoseconds)
        case .increment:
            note(.writeBack, slot)
            recorder?.ask(
                .increment, slot, tokens: tokens, from: index, to: home, at: now.nanoseconds)
        }
    }

    @inline(never)
    private mutating func recordTransferEnd(_ slot: Int) {
        recorder?.endTransfer(slot, at: now.nanoseconds)
    }

    @inline(never)
    private mutating func recordLoad(prefill index: Int) {
        var levels = Tape.Load.Levels()
        levels.prompts = Int32(prefillWorkers[index].queue.count)
        recorder?.note(levels, of: index, at: now.nanoseconds)
    }

    @inline(never)
    private mutating func recordLoad(serving worker: Int) {
        let pool = workers[worker].pool
        var levels = Tape.Load.Levels()
        levels.activeBlocks = Int32(clamping: pool.used - pool.idle - pool.pinned - pool.waiting)
        levels.idleBlocks = Int32(clamping: pool.idle + pool.pinned)
        levels.waitingBlocks = Int32(clamping: pool.waiting)
        levels.batch = Int32(workers[worker].batch.count)
        levels.prompts = Int32(workers[worker].queue.count)
        levels.memoryQueue = Int32(workers[worker].memoryQueue.count)
        recorder?.note(levels, of: prefillWorkers.count + worker, at: now.nanoseconds)
    }

    // MARK: The whole tape

    /// Starts a tape; before the run.
    mutating func record(_ request: TapeRequest) {
        isTaping = true
        recorder = TapeRecorder(
            request, workers: setup.tapeWorkers, firstTokenLatency: firstTokenLatency)
    }

    /// Ends what has not ended yet; after the run.
    mutating func finishTape() -> Tape? {
        let end = now.nanoseconds
        for slot in slots.indices {
            guard let state = recorder?.session(in: slot) else { continue }
            let (facts, home) = (facts(slot), servingPlace(slot))
            recorder?.endTransfer(slot, at: end, isCut: true)
            if state.released != nil {
                recorder?.endRound(slot, facts, at: end, isCut: true)
            }
            recorder?.end(slot, worker: home, at: end, isCut: true)
        }
        for index in prefillWorkers.indices {
            recorder?.endStep(index, steps: 1, at: end, isCut: true)
        }
        for worker in workers.indices {
            let steps =
                workers[worker].decodes ? workers[worker].entry.run.begun(before: now) : 1
            recorder?.endStep(prefillWorkers.count + worker, steps: steps, at: end, isCut: true)
        }
        return recorder?.finish(at: end)
    }
}
