import DiscreteEvents
import ServingDomain

/// What goes onto the tape, where the run has one.
///
/// Whatever happens calls `note`, and without a tape that is one branch.
extension RunningCluster {
    @inline(__always)
    mutating func note(_ phase: Tape.Phase.Kind, _ slot: Int) {
        if isTaping { record(phase, slot) }
    }

    @inline(__always)
    mutating func note(_ mark: Tape.Mark.Kind, _ slot: Int) {
        if isTaping { record(mark, slot) }
    }

    @inline(__always)
    mutating func noteArrival(_ slot: Int) {
        if isTaping { recordArrival(slot) }
    }

    @inline(__always)
    mutating func noteRefusal(_ slot: Int) {
        if isTaping { recordRefusal(slot) }
    }

    @inline(__always)
    mutating func noteRelease(_ slot: Int) {
        if isTaping { recordRelease(slot) }
    }

    @inline(__always)
    mutating func noteRoundEnd(_ slot: Int, lastToken: SimulatedTime) {
        if isTaping { recordRoundEnd(slot, lastToken: lastToken) }
    }

    @inline(__always)
    mutating func noteDeparture(_ slot: Int) {
        if isTaping { recordDeparture(slot) }
    }

    // MARK: The life of a session

    @inline(never)
    private mutating func record(_ phase: Tape.Phase.Kind, _ slot: Int) {
        record(phase, slot, at: now)
    }

    @inline(never)
    private mutating func record(_ mark: Tape.Mark.Kind, _ slot: Int) {
        recorder?.mark(mark, slot, at: now.nanoseconds)
    }

    @inline(never)
    private mutating func recordArrival(_ slot: Int) {
        let parent = tracksJobs ? Int(trees[slot].parent) : -1
        let starter = parent < 0 ? nil : slots[parent].session
        recorder?.begin(
            slot, session: slots[slot].session, parent: starter,
            isMeasured: slots[slot].isMeasured, at: now.nanoseconds)
    }

    @inline(never)
    private mutating func recordRefusal(_ slot: Int) {
        recorder?.mark(.refusal, slot, at: now.nanoseconds)
        recorder?.end(slot, worker: -1, at: now.nanoseconds)
    }

    @inline(never)
    private mutating func recordRelease(_ slot: Int) {
        recorder?.release(slot, round: slots[slot].round, at: now.nanoseconds)
    }

    @inline(never)
    private mutating func recordRoundEnd(_ slot: Int, lastToken: SimulatedTime) {
        let facts = facts(slot)
        recorder?.mark(.lastToken, slot, at: lastToken.nanoseconds)
        recorder?.endRound(slot, facts, at: now.nanoseconds)
    }

    @inline(never)
    private mutating func recordDeparture(_ slot: Int) {
        let home = servingPlace(slot)
        recorder?.end(slot, worker: home, at: now.nanoseconds)
    }

    private mutating func record(_ phase: Tape.Phase.Kind, _ slot: Int, at time: SimulatedTime) {
        let worker: Int32 =
            switch phase {
            case .memoryWait, .batchWait, .decode: servingPlace(slot)
            case .queue, .readHistory, .workerWait, .prefill, .writeBack: prefillPlace(slot)
            case .tool: -1
            }
        recorder?.enter(phase, slot, worker: worker, at: time.nanoseconds)
    }

    func servingPlace(_ slot: Int) -> Int32 {
        slots[slot].worker < 0 ? -1 : Int32(prefillWorkers.count) + slots[slot].worker
    }

    /// Where the round's prompt is computed, as far as that is known.
    private func prefillPlace(_ slot: Int) -> Int32 {
        if case .unlimited = setup.prefill { return -1 }
        if slots[slot].wasPreempted || slots[slot].executor < 0 { return servingPlace(slot) }
        return slots[slot].executor == Self.anyPrefillWorker ? -1 : slots[slot].executor
    }

    func facts(_ slot: Int) -> TapeRecorder.RoundFacts {
        let executor = slots[slot].executor
        return TapeRecorder.RoundFacts(
            promptTokens: slots[slot].promptTokens - Int(slots[slot].generated),
            newTokens: Int(slots[slot].script.newTokens), outputTokens: slots[slot].outputTokens,
            prefillWorker: executor >= 0 && executor != Self.anyPrefillWorker
                ? executor : prefillPlace(slot))
    }

    // MARK: Infinite servers

    /// A round's passage through an infinite prefill server.
    mutating func noteUnlimitedPrefill(_ slot: Int) {
        guard isTaping else { return }
        record(.readHistory, slot, at: now)
        record(.prefill, slot, at: slots[slot].prefillStarted)
        record(.writeBack, slot, at: slots[slot].prefillEnded)
    }

    /// A round's passage to an infinite decode server, where its decode starts at `start`.
    mutating func noteUnlimitedDecode(_ slot: Int, from start: SimulatedTime) {
        guard isTaping else { return }
        record(.writeBack, slot, at: now)
        record(.decode, slot, at: start)
        recorder?.mark(.firstToken, slot, at: slots[slot].firstToken.nanoseconds)
    }
}
