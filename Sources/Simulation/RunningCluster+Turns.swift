import CostModeling
import DequeModule
import DiscreteEvents

/// Decode steps under a token cap: sequences that do not fit take turns.
///
/// The queue of a worker holds, in this order, who stood aside, who came during the last step, and
/// who was in it. While everybody fits nothing is moved and steps go on in runs.
extension RunningCluster {
    /// Lets the head of the queue into the next step, as long as its tokens stay within `cap`; the
    /// first takes part in any case.
    mutating func takeTurns(_ worker: Int, upTo cap: Int) {
        guard !everybodyFits(worker, cap) else { return welcome(worker) }
        queueUp(worker)
        let taken = turnsTaken(worker, cap)
        for place in workers[worker].turns.indices {
            let slot = Int(workers[worker].turns[place])
            if slots[slot].stage == .decoding { workers[worker].running.remove(slot, in: &slots) }
            if place < taken {
                if slots[slot].stage != .decoding { enter(slot, worker) }
                workers[worker].running.append(slot, in: &slots)
            } else {
                standAside(slot, worker)
            }
        }
        // Prompts that were begun give way before the sequences.
        for slot in workers[worker].partials {
            workers[worker].running.remove(Int(slot), in: &slots)
            workers[worker].running.append(Int(slot), in: &slots)
        }
    }

    /// Most steps of the present batch within the cap; one where somebody waits for a turn.
    func stepsWithinCap(_ worker: Int, _ count: Int) -> Int {
        guard let cap = setup.decodeTokenCap else { return .max }
        guard workers[worker].paused.isEmpty else { return 1 }
        return max(0, cap - workers[worker].batch.totalContext) / count + 1
    }

    private func everybodyFits(_ worker: Int, _ cap: Int) -> Bool {
        guard workers[worker].paused.isEmpty,
            workers[worker].seatsTaken <= setup.maxSequences
        else { return false }
        var tokens = workers[worker].batch.totalContext
        for slot in workers[worker].joining { tokens += attended(Int(slot), worker) }
        return tokens <= cap
    }

    /// Those who came stand before those who were in the last step.
    private mutating func welcome(_ worker: Int) {
        while let last = workers[worker].joining.popLast() {
            enter(Int(last), worker)
            workers[worker].running.prepend(Int(last), in: &slots)
        }
    }

    /// Writes the whole queue down.
    private mutating func queueUp(_ worker: Int) {
        workers[worker].turns.removeAll(keepingCapacity: true)
        workers[worker].turns.append(contentsOf: workers[worker].paused)
        workers[worker].turns.append(contentsOf: workers[worker].joining)
        workers[worker].paused.removeAll(keepingCapacity: true)
        workers[worker].joining.removeAll(keepingCapacity: true)
        var member = workers[worker].running.first
        while member >= 0 {
            if slots[Int(member)].stage == .decoding { workers[worker].turns.append(member) }
            member = slots[Int(member)].next
        }
    }

    /// How many from the head of the queue the next step can take.
    private func turnsTaken(_ worker: Int, _ cap: Int) -> Int {
        let seats = setup.maxSequences - workers[worker].partials.count
        var (taken, tokens) = (0, 0)
        for slot in workers[worker].turns {
            tokens += attended(Int(slot), worker)
            guard taken < seats, taken == 0 || tokens <= cap else { break }
            taken += 1
        }
        return taken
    }

    /// Tokens that a step attends to for a sequence, the new one included.
    private func attended(_ slot: Int, _ worker: Int) -> Int {
        if slots[slot].stage == .decoding {
            return workers[worker].batch.length(of: slots[slot]) + 1
        }
        return slots[slot].promptTokens + (slots[slot].hasFirstToken ? 1 : 0)
    }

    /// Leaves the step to others; what was generated so far becomes part of the context.
    private mutating func standAside(_ slot: Int, _ worker: Int) {
        workers[worker].paused.append(Int32(slot))
        guard slots[slot].stage == .decoding else { return }
        let step = workers[worker].batch.step
        if step > slots[slot].joinStep {
            let left = slots[slot].joinStep + slots[slot].joinSteps - step
            slots[slot].generated = Int32(slots[slot].outputTokens - left - 1)
            slots[slot].lastToken = SimulatedTime(
                nanoseconds: Ticks.nanoseconds(workers[worker].batch.clock))
        }
        leaveBatch(slot, worker)
        note(.batchWait, slot)
    }
}
