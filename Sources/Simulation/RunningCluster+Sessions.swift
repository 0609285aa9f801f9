import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain

/// The life of a session: binding, release of its rounds, and their end.
extension RunningCluster {
    /// Arrival of a session, or the end of its tool call.
    mutating func release(_ slot: Int) {
        noteToolEnd(slot)
        slots[slot].servedRound = slots[slot].firstRound + Int(slots[slot].round)
        slots[slot].released = now
        slots[slot].admitted = now
        slots[slot].firstToken = .never
        slots[slot].hasJoined = false
        slots[slot].wasPreempted = false
        slots[slot].isPinned = false
        slots[slot].generated = 0
        slots[slot].gapsOver = 0
        slots[slot].executor = -1
        shortenHistory(slot)
        noteFirstTokenLatency(slot)
        noteRelease(slot)
        waitingRounds += 1
        releasedRounds += 1
        guard workers.count > 0 else {
            fetchHistoryUnlimited(slot)
            return
        }
        if slots[slot].round > 0, dispatcher.isPerRound { rebind(slot) }
        let worker = Int(slots[slot].worker)
        settle(worker)
        unpark(slot)
        noteLostHistory(slot)
        pledge(slot, blocks(slots[slot].promptTokens, of: slot))
        workers[worker].unfinished += 1
        workers[worker].activeBlocks += slots[slot].pledged
        slots[slot].stage = .active
        if case .unlimited = setup.prefill {
            wait(slot)
            note(.memoryWait, slot)
            workers[worker].memoryQueue.append(Int32(slot))
            admitWaiting(worker)
            return
        }
        send(slot)
    }

    /// The last token of a round exists, and so does its KV cache where it is kept.
    mutating func endRound(_ slot: Int, lastToken: SimulatedTime) {
        record(slot, lastToken: lastToken)
        noteRoundEnd(slot, lastToken: lastToken)
        if !slots[slot].hasJoined {
            slots[slot].hasJoined = true
            waitingRounds -= 1
        }
        let prompt = slots[slot].promptTokens - Int(slots[slot].generated)
        slots[slot].context = prompt + slots[slot].outputTokens - 1
        slots[slot].resident = slots[slot].context
        slots[slot].unread = 1
        slots[slot].round += 1
        slots[slot].roundEnded = now
        if workers.count > 0 {
            workers[Int(slots[slot].worker)].unfinished -= 1
            workers[Int(slots[slot].worker)].activeBlocks -= slots[slot].pledged
        }
        if slots[slot].round < slots[slot].rounds {
            let delay = slots[slot].script.delayAfter
            slots[slot].script =
                sessions.rounds[slots[slot].firstRound + Int(slots[slot].round)]
            slots[slot].stage = .idle
            note(.tool, slot)
            if workers.count > 0 { keepHistory(slot) }
            if tracksJobs, startChildren(of: slot, round: Int(slots[slot].round) - 1) {
                trees[slot].delayEnds = now + delay
            } else {
                schedule(.roundReleased, slot, after: delay)
            }
        } else {
            end(slot, lastToken: lastToken)
        }
    }

    private mutating func end(_ slot: Int, lastToken: SimulatedTime) {
        noteDeparture(slot)
        forgetPrompts(slot)
        if slots[slot].isMeasured {
            let endToEnd = lastToken - slots[slot].arrived + slots[slot].firstTokenLatency
            result.endToEnd.record(nanoseconds: endToEnd)
            var good = PerStatistic()
            if !slots[slot].missedTTFT {
                good = slots[slot].gaps.meets(targets[Int(slots[slot].tenant)].itl)
                result.good.sessions &+= good
            }
            if missBound != nil { countMissed(session: good) }
            recordTenantSession(slot, endToEnd, good)
        }
        if workers.count > 0 {
            let worker = Int(slots[slot].worker)
            pledge(slot, 0)
            workers[worker].pool.give(slots[slot].blocks)
            slots[slot].blocks = 0
            leaveSegments(slot)
            dropHistories(slot)
            noteRounds(slot)
            admitWaiting(worker)
        }
        if tracksJobs { _ = startChildren(of: slot, round: Int(slots[slot].round) - 1) }
        leave(slot, lastToken: lastToken)
    }

    /// What the coordinator counts for a session on its worker.
    mutating func pledge(_ slot: Int, _ blocks: Int) {
        workers[Int(slots[slot].worker)].pledged += blocks - slots[slot].pledged
        slots[slot].pledged = blocks
    }

    // MARK: What the measured rounds experienced

    private mutating func record(_ slot: Int, lastToken: SimulatedTime) {
        result.arrivals.record(
            session: slots[slot].session,
            ttft: slots[slot].firstToken - slots[slot].released + slots[slot].firstTokenLatency)
        guard slots[slot].isMeasured else {
            if missBound != nil { countMissed(fillingRound: slot, lastToken: lastToken) }
            return
        }
        let outcome = outcome(slot, lastToken: lastToken)
        let gaps = GapTotals(
            time: outcome.decodeTime, count: Int64(outcome.outputTokens - 1),
            over: slots[slot].gapsOver)
        slots[slot].gaps += gaps
        let target = targets[Int(slots[slot].tenant)]
        let meetsTTFT = outcome.ttft <= target.ttft
        let meetsITL = gaps.meets(target.itl)
        if !meetsTTFT { slots[slot].missedTTFT = true }
        result.good.itl &+= meetsITL
        if meetsTTFT {
            result.good.ttft += 1
            result.good.joint &+= meetsITL
        }
        if missBound != nil { countMissed(roundMeetingTTFT: meetsTTFT, meetsITL) }
        result.roundCount += 1
        result.newTokens &+= outcome.newTokens
        result.outputTokens &+= outcome.outputTokens
        if outcome.isLocal { result.localRounds += 1 }
        result.ttft.record(nanoseconds: outcome.ttft)
        if outcome.outputTokens > 1 { result.tpot.record(outcome.meanITL) }
        if setup.measuresDecodeTimes {
            result.decodeTime.record(nanoseconds: outcome.decodeTime)
        }
        result.memoryWait.record(nanoseconds: outcome.memoryWait)
        result.untilPrefilled.record(nanoseconds: outcome.prefillEnded - outcome.released)
        recordTenantRound(slot, outcome, meetsTTFT: meetsTTFT, meetsITL)
        if keepsRounds { result.rounds.append(outcome) }
        if let eachRound { eachRound(outcome) }
    }

    private func outcome(_ slot: Int, lastToken: SimulatedTime) -> RoundOutcome {
        let firstToken = slots[slot].firstToken
        precondition(
            slots[slot].released <= slots[slot].admitted
                && slots[slot].admitted <= slots[slot].prefillStarted
                && slots[slot].prefillStarted <= slots[slot].prefillEnded
                && slots[slot].prefillEnded <= firstToken && firstToken <= lastToken,
            "INV-2: release, admission, prefill, first token and last token in this order")
        return RoundOutcome(
            session: slots[slot].session, round: Int(slots[slot].round),
            arrived: slots[slot].arrived.nanoseconds,
            released: slots[slot].released.nanoseconds,
            memoryWait: slots[slot].admitted - slots[slot].released,
            prefillStarted: slots[slot].prefillStarted.nanoseconds,
            prefillEnded: slots[slot].prefillEnded.nanoseconds,
            ttft: firstToken - slots[slot].released + slots[slot].firstTokenLatency,
            decodeTime: lastToken - firstToken,
            promptTokens: slots[slot].promptTokens - Int(slots[slot].generated),
            newTokens: Int(slots[slot].script.newTokens), outputTokens: slots[slot].outputTokens,
            gapsOverTarget: Int(slots[slot].gapsOver),
            prefillWorker: Self.index(slots[slot].executor),
            servingWorker: Self.index(slots[slot].worker), tenant: slots[slot].tenant)
    }

    /// The number of a worker; nil for none.
    private static func index(_ worker: Int32) -> Int? { worker < 0 ? nil : Int(worker) }

    /// What its prompt takes between the client and the engine.
    mutating func noteFirstTokenLatency(_ slot: Int) {
        slots[slot].firstTokenLatency = firstTokenLatency.nanoseconds(
            promptTokens: slots[slot].promptTokens)
    }

    /// The first token of a round exists.
    mutating func noteFirstToken(_ slot: Int) { noteFirstToken(slot, at: now) }

    /// The first token of a round has existed since `time`.
    mutating func noteFirstToken(_ slot: Int, at time: SimulatedTime) {
        slots[slot].firstToken = time
        // The gap to the second token counts from here, wherever the first was sampled.
        slots[slot].lastToken = time
        note(.firstToken, slot)
        guard slots[slot].executor >= 0 else { return }
        let ttft = time - slots[slot].released + slots[slot].firstTokenLatency
        prefillWorkers[Int(slots[slot].executor)].latencies.add(now, sum: ttft, count: 1)
    }
}
