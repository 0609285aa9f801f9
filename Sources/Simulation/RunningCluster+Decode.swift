import CostModeling
import DequeModule
import DiscreteEvents

/// Decode batches: who joins, how many steps can be planned, and what they mean for the gaps.
extension RunningCluster {
    /// Lets complete sequences into the batch while there are seats.
    mutating func join(_ worker: Int) {
        workers[worker].firstSteps.removeAll()
        if let cap = setup.decodeTokenCap { return takeTurns(worker, upTo: cap) }
        if formsStepsAhead { return joinSeen(worker) }
        while hasSeat(worker), let first = workers[worker].joining.popFirst() {
            admitToBatch(Int(first), worker)
        }
    }

    func hasSeat(_ worker: Int) -> Bool {
        workers[worker].batch.count + workers[worker].partials.count < setup.maxSequences
    }

    mutating func admitToBatch(_ slot: Int, _ worker: Int) {
        enter(slot, worker)
        workers[worker].running.append(slot, in: &slots)
    }

    /// Adds a session to the batch.
    ///
    /// Where the first token does not exist yet, the first step recomputes the last prompt
    /// position and samples it; otherwise the newest token is the first step's input.
    mutating func enter(_ slot: Int, _ worker: Int) {
        let prompt = slots[slot].promptTokens
        let hasToken = slots[slot].hasFirstToken
        let left = slots[slot].outputTokens - Int(slots[slot].generated) - (hasToken ? 1 : 0)
        workers[worker].batch.join(
            slot, &slots[slot], length: hasToken ? prompt : prompt - 1, steps: left)
        workers[worker].firstSteps.append(Int32(slot))
        slots[slot].longStepsBefore = workers[worker].batch.longSteps(of: slots[slot].tenant)
        slots[slot].stage = .decoding
        note(.decode, slot)
        if !slots[slot].hasJoined {
            slots[slot].hasJoined = true
            waitingRounds -= 1
        }
    }

    /// Starts as many steps as can be planned: until the first sequence ends, until a first token
    /// exists, until the cost function changes its slope, or until memory is short.
    mutating func startRun(_ worker: Int) {
        var run = plannedRun(worker, from: start(after: workers[worker].batch.clock))
        run.steps = min(run.steps, workers[worker].gate.mostSteps)
        begin(run, on: worker)
        occupy(worker, until: run.end(after: run.steps))
    }

    /// Where steps begin now: a batch that goes on keeps its unrounded clock.
    func start(after clock: Int128) -> Int128 {
        Ticks.nanoseconds(clock) == now.nanoseconds
            ? clock : Ticks.ticks(nanoseconds: now.nanoseconds)
    }

    /// Lets a batch take part in steps that begin now, and the chunks beside it.
    mutating func begin(_ run: StepRun, on worker: Int) {
        let new = newcomers(worker)
        let continuing = workers[worker].batch.count - new.count
        workers[worker].continuingMeasured = workers[worker].batch.measured - new.measured
        noteContinuingTenants(worker)
        let stall = run.start - workers[worker].batch.clock
        workers[worker].entry = GapWindow.Entry(
            run: run, continuing: continuing, stall: continuing > 0 ? stall : 0,
            joined: joinedGaps(worker, run), sequences: workers[worker].batch.count)
        if policy.tracksITL { workers[worker].gaps.begin(workers[worker].entry) }
        workers[worker].charged = 1
        workers[worker].decodes = true
        for chunk in workers[worker].chunks { markStarted(chunk) }
        if workers[worker].batch.count > 0 { noteStep(serving: worker) }
    }

    /// Members that joined just now and are still there.
    private func newcomers(_ worker: Int) -> (count: Int, measured: Int) {
        var (count, measured) = (0, 0)
        for place in workers[worker].firstSteps.indices {
            let slot = Int(workers[worker].firstSteps[place])
            guard slots[slot].stage == .decoding else { continue }
            count += 1
            if slots[slot].isMeasured { measured += 1 }
        }
        return (count, measured)
    }

    /// The steps that a batch and the chunks beside it have ahead of them.
    mutating func plannedRun(_ worker: Int, from start: Int128) -> StepRun {
        let (count, context) = (workers[worker].batch.count, workers[worker].batch.totalContext)
        let (piece, end) = stepLines.piece(
            kind: workers[worker].kind, batch: count, context: context)
        let spread = spreadTicks(worker)
        if !workers[worker].chunks.isEmpty {
            let extra = chunkCost(worker, beside: count)
            return StepRun(
                start: start,
                first: piece.ticks(context) + spread + Ticks.rounding(nanoseconds: extra.time),
                growth: 0, steps: 1, isFitted: piece.isFitted && extra.isFitted)
        }
        return StepRun(
            start: start, first: piece.ticks(context) + spread,
            growth: piece.slope.multipliedReportingOverflow(by: Int64(count)).partialValue,
            steps: plannedSteps(worker, count, room: end == .max ? .max : end - context),
            isFitted: piece.isFitted)
    }

    /// Ticks that the batch's steps take longer because its contexts differ, until its members do.
    func spreadTicks(_ worker: Int) -> Int64 {
        guard workers[worker].dependsOnSpread else { return 0 }
        return Ticks.rounding(
            nanoseconds: workers[worker].costs.spreadTime(
                batch: workers[worker].batch.count,
                deviation: workers[worker].batch.contextDeviation,
                besidePrompts: !workers[worker].chunks.isEmpty))
    }

    private mutating func plannedSteps(_ worker: Int, _ count: Int, room: Int) -> Int {
        guard !mustLookAgain(worker) else { return 1 }
        var steps = stepsToFirstEnding(worker)
        if room < .max { steps = min(steps, (room + count - 1) / count) }
        steps = min(steps, stepsWithinCap(worker, count))
        let step = workers[worker].batch.step
        return 1
            + workers[worker].batch.growth.steps(
                from: step + 1, within: spareBlocks(worker), upTo: steps - 1)
    }

    /// Whether the next step boundary may change something that no event announces.
    func mustLookAgain(_ worker: Int) -> Bool {
        if setup.stepping == .oneByOne { return true }
        if workers[worker].hasTakenBack || hasUnseen(worker) { return true }
        if policy.minimisesWaste, !workers[worker].pinned.isEmpty { return true }
        if policy.reordering != nil, !workers[worker].queue.isEmpty { return true }
        if policy.safeChunks != nil,
            !(workers[worker].queue.isEmpty && workers[worker].partials.isEmpty)
        {
            return true
        }
        return workers[worker].firstSteps.indices.contains { place in
            !slots[Int(workers[worker].firstSteps[place])].hasFirstToken
        }
    }

    private mutating func stepsToFirstEnding(_ worker: Int) -> Int {
        while let (step, member) = workers[worker].batch.nextEnding {
            if isCurrent(member, on: worker) { return step - workers[worker].batch.step }
            workers[worker].batch.dropNextEnding()
        }
        return 0
    }

    func isCurrent(_ member: DecodeBatch.Member, on worker: Int) -> Bool {
        let slot = Int(member.slot)
        return slots[slot].ticket == member.ticket && Int(slots[slot].worker) == worker
            && slots[slot].stage == .decoding
    }

    /// Gaps of sequences that got their last token outside the batch.
    private func joinedGaps(_ worker: Int, _ run: StepRun) -> GapWindow.Total {
        var total = GapWindow.Total()
        for place in workers[worker].firstSteps.indices {
            let slot = Int(workers[worker].firstSteps[place])
            guard slots[slot].stage == .decoding, slots[slot].hasFirstToken else { continue }
            total.ticks += gapOnJoining(slot, run)
            total.count += 1
        }
        return total
    }

    private func gapOnJoining(_ slot: Int, _ run: StepRun) -> Int128 {
        run.clock(after: 1) - Ticks.ticks(nanoseconds: slots[slot].lastToken.nanoseconds)
    }

    /// Gaps of measured sessions go to the result, first tokens to the statistics.
    mutating func recordGaps(_ worker: Int) {
        let run = workers[worker].entry.run
        result.gaps.record(
            ticks: Ticks.wide(run.first) + workers[worker].entry.stall,
            count: workers[worker].continuingMeasured)
        if run.steps > 1 {
            result.gaps.record(run: run, from: 1, count: workers[worker].batch.measured)
        }
        recordTenantGaps(worker, run)
        let isFirstLong = countLongSteps(worker, run)
        for place in workers[worker].firstSteps.indices {
            let slot = Int(workers[worker].firstSteps[place])
            guard slots[slot].stage == .decoding else { continue }
            // The first step of the others is no gap of those who have just come.
            if isFirstLong || isFirstLongForTenant(slot, worker) {
                slots[slot].longStepsBefore += 1
            }
            if slots[slot].hasFirstToken {
                let gap = gapOnJoining(slot, run)
                result.gaps.record(ticks: gap, count: slots[slot].isMeasured ? 1 : 0)
                recordTenantGap(gap, slot)
                if gap > targets[Int(slots[slot].tenant)].longestGap { slots[slot].gapsOver += 1 }
            } else {
                noteFirstToken(slot)
            }
        }
    }

    /// Counts the steps that were too long for those who stayed; whether the first one was.
    ///
    /// False where tenants are told apart, who may differ in it.
    private mutating func countLongSteps(_ worker: Int, _ run: StepRun) -> Bool {
        guard workers[worker].batch.tenants.isEmpty else {
            countTenantLongSteps(worker, run)
            return false
        }
        let longestGap = targets[0].longestGap
        let isFirstLong = Ticks.wide(run.first) + workers[worker].entry.stall > longestGap
        workers[worker].batch.longSteps +=
            Int64(run.steps(from: 1, longerThan: longestGap)) + (isFirstLong ? 1 : 0)
        return isFirstLong
    }
}
