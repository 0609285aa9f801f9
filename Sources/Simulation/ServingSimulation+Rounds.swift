import CostModeling
import DequeModule
import DiscreteEvents
import Scheduling
import ServingDomain

/// The life of a session: arrival, binding, memory, routing, and the end of each round.
extension ServingSimulation {
    /// Arrival of a session, or the end of its tool call.
    mutating func release(_ session: Int) {
        if states[session].round == 0 { scheduleArrival(of: session + 1) }
        states[session].released = now
        states[session].firstToken = nil
        waitingRounds += 1
        releasedRounds += 1
        guard !decodeWorkers.isEmpty else {
            states[session].admitted = now
            states[session].stage = .active
            fetchHistoryUnlimited(session)
            return
        }
        guard let worker = states[session].worker ?? bind(session) else {
            refuse(session)
            return
        }
        if decodeWorkers[worker].idleSessions.remove(session) != nil {
            decodeWorkers[worker].idleTokens -= states[session].reserved
        }
        states[session].stage = .waitingForMemory
        decodeWorkers[worker].waitingTokens += states[session].reserved
        decodeWorkers[worker].memoryQueue.append(session)
        admitWaiting(worker)
    }

    /// Binds a new session to the decode worker with most free KV memory that can ever hold it.
    private mutating func bind(_ session: Int) -> Int? {
        let needed = blocks(sessions.finalContext(of: session))
        let seen = SimulatedTime(nanoseconds: now.nanoseconds - stateDelay)
        let free = decodeWorkers.indices.map { index in
            needed <= decodeWorkers[index].memory.capacity
                ? decodeWorkers[index].published.asOf(seen).freeTokens : .min
        }
        guard let worker = DecodeBinding.choose(freeTokens: free), free[worker] > .min else {
            return nil
        }
        states[session].worker = worker
        return worker
    }

    private mutating func refuse(_ session: Int) {
        states[session].stage = .ended
        waitingRounds -= 1
        guard measured.contains(session) else { return }
        result.refusedSessions += 1
        result.refusedRounds += sessions.rounds(of: session).count
        outstanding -= 1
    }

    // MARK: Memory

    /// Tokens in whole blocks.
    func blocks(_ tokens: Int) -> Int {
        (tokens + setup.blockSize - 1) / setup.blockSize * setup.blockSize
    }

    /// Lets released sessions in, first come first served, as long as their round fits.
    mutating func admitWaiting(_ worker: Int) {
        while let session = decodeWorkers[worker].memoryQueue.first {
            let script = script(session)
            let state = states[session]
            let total = state.context + Int(script.newTokens) + Int(script.outputTokens)
            let missing = blocks(total + (state.round > 0 ? 1 : 0)) - state.reserved
            guard makeRoom(for: missing, on: worker, keeping: session) else { break }
            decodeWorkers[worker].memoryQueue.removeFirst()
            decodeWorkers[worker].waitingTokens -= state.reserved
            decodeWorkers[worker].memory.take(missing)
            states[session].reserved += missing
            states[session].stage = .active
            states[session].admitted = now
            dispatch(session, worker)
        }
        publishDecode(worker)
    }

    /// Evicts idle KV, least recently used first, if that is enough to free `tokens`.
    ///
    /// When nothing is active any more, sessions that themselves wait for memory give theirs up,
    /// last come first, so that the head of the queue can always go on.
    private mutating func makeRoom(for tokens: Int, on worker: Int, keeping head: Int) -> Bool {
        let free = decodeWorkers[worker].memory.free
        guard tokens > free else { return true }
        let idle = decodeWorkers[worker].idleTokens
        let waiting = decodeWorkers[worker].waitingTokens
        let nothingRuns = decodeWorkers[worker].memory.used == idle + waiting
        guard nothingRuns || free + idle >= tokens else { return false }
        for victim in leastRecentlyUsed(worker) where decodeWorkers[worker].memory.free < tokens {
            evict(victim, from: worker)
        }
        let others = decodeWorkers[worker].memoryQueue.reversed().filter { $0 != head }
        for victim in others where decodeWorkers[worker].memory.free < tokens {
            evict(victim, from: worker)
        }
        return decodeWorkers[worker].memory.free >= tokens
    }

    private func leastRecentlyUsed(_ worker: Int) -> [Int] {
        decodeWorkers[worker].idleSessions.sorted {
            (states[$0].lastUsed, $0) < (states[$1].lastUsed, $1)
        }
    }

    private mutating func evict(_ session: Int, from worker: Int) {
        guard states[session].reserved > 0 else { return }
        decodeWorkers[worker].memory.give(states[session].reserved)
        if decodeWorkers[worker].idleSessions.remove(session) != nil {
            decodeWorkers[worker].idleTokens -= states[session].reserved
        } else {
            decodeWorkers[worker].waitingTokens -= states[session].reserved
        }
        states[session].reserved = 0
        states[session].resident = 0
        if measured.contains(session) { result.evictions += 1 }
    }

    // MARK: Routing

    /// Tokens that the session's round has to prefill, on top of what is resident.
    ///
    /// From the second round on the last token of the previous answer, whose KV does not exist
    /// yet, is prefilled too; an evicted history is prefilled again.
    func task(_ session: Int) -> PrefillTask {
        let state = states[session]
        let unseen = Int(script(session).newTokens) + (state.round > 0 ? 1 : 0)
        return PrefillTask(
            history: state.resident, increment: unseen + state.context - state.resident)
    }

    private mutating func dispatch(_ session: Int, _ worker: Int) {
        let task = task(session)
        if measured.contains(session) {
            result.recomputedTokens += states[session].context - states[session].resident
        }
        if case .unlimited(let costs) = setup.prefill {
            let there = setup.transfer.time(
                tokens: task.history, from: decodeWorkers[worker].costs.degree, to: costs.degree)
            let back = setup.transfer.time(
                tokens: task.increment, from: costs.degree, to: decodeWorkers[worker].costs.degree)
            let compute = costs.prefillTime(history: task.history, increment: task.increment)
            states[session].prefillStarted = now + nanoseconds(there)
            states[session].prefillEnded = now + nanoseconds(there + compute)
            schedule(
                .incrementArrived(session: session), after: nanoseconds(there + compute + back))
            return
        }
        switch route(task, worker) {
        case .local: enqueueLocal(session, task, worker)
        case .remote(let index): enqueueRemote(session, task, index)
        }
    }

    private mutating func route(_ task: PrefillTask, _ worker: Int) -> Route {
        let (now, delay) = (now, stateDelay)
        let seen = SimulatedTime(nanoseconds: now.nanoseconds - delay)
        let decode = Router.Candidate(
            costs: decodeWorkers[worker].costs,
            snapshot: WorkerSnapshot(
                queuedWork: decodeWorkers[worker].published.asOf(seen).queuedWork(at: seen),
                windowedLatency: decodeWorkers[worker].gaps.mean(asOf: seen) ?? 0))
        let prefill = prefillWorkers.indices.map { index in
            Router.Candidate(
                costs: prefillWorkers[index].costs,
                snapshot: WorkerSnapshot(
                    queuedWork: prefillWorkers[index].published.asOf(seen).queuedWork(at: seen),
                    windowedLatency: prefillWorkers[index].latencies.mean(
                        at: now, seenAfter: delay)))
        }
        return router.route(task, decode: decode, prefill: prefill)
    }

    // MARK: End of a round

    /// The last token of a round exists.
    mutating func endRound(_ session: Int) {
        let script = script(session)
        record(session, script)
        states[session].context +=
            Int(script.newTokens) + Int(script.outputTokens) - (states[session].round > 0 ? 0 : 1)
        states[session].resident = states[session].context
        states[session].lastUsed = now
        states[session].round += 1
        let rounds = sessions.firstRound[session + 1] - sessions.firstRound[session]
        if states[session].round < rounds {
            pause(session)
            schedule(.roundReleased(session: session), after: script.delayAfter)
        } else {
            end(session)
        }
    }

    /// Keeps the history and gives back the blocks that it does not fill.
    private mutating func pause(_ session: Int) {
        states[session].stage = .idle
        guard let worker = states[session].worker else { return }
        let kept = blocks(states[session].resident)
        decodeWorkers[worker].memory.give(states[session].reserved - kept)
        states[session].reserved = kept
        decodeWorkers[worker].idleSessions.insert(session)
        decodeWorkers[worker].idleTokens += kept
        admitWaiting(worker)
    }

    private mutating func end(_ session: Int) {
        states[session].stage = .ended
        if measured.contains(session) {
            outstanding -= 1
            result.endToEnd.append(
                now.nanoseconds - sessions.arrivals[session] + firstTokenOverhead)
        }
        guard let worker = states[session].worker else { return }
        decodeWorkers[worker].memory.give(states[session].reserved)
        states[session].reserved = 0
        admitWaiting(worker)
    }

    private mutating func record(_ session: Int, _ script: RoundScript) {
        guard measured.contains(session) else { return }
        let state = states[session]
        let firstToken = state.firstToken ?? now
        precondition(
            state.released <= state.admitted && state.admitted <= state.prefillStarted
                && state.prefillStarted <= state.prefillEnded
                && state.prefillEnded <= firstToken && firstToken <= now,
            "INV-2: release, admission, prefill, first token and last token in this order")
        result.rounds.append(
            RoundOutcome(
                session: session, round: state.round, released: state.released.nanoseconds,
                memoryWait: state.admitted.nanoseconds - state.released.nanoseconds,
                prefillStarted: state.prefillStarted.nanoseconds,
                prefillEnded: state.prefillEnded.nanoseconds,
                ttft: firstToken.nanoseconds - state.released.nanoseconds + firstTokenOverhead,
                decodeTime: now.nanoseconds - firstToken.nanoseconds,
                outputTokens: Int(script.outputTokens), isLocal: state.executor == nil))
    }

    var firstTokenOverhead: Int64 {
        (prefillWorkers.first?.costs ?? decodeWorkers.first?.costs)?.firstToken.inNanoseconds ?? 0
    }
}

extension SlidingMean {
    /// The windowed mean as a coordinator sees it; 0 where the window is empty.
    ///
    /// A method of the window and not of the simulation: with a copy of the simulation's state
    /// alive, every call would copy the array of workers that the window lies in.
    fileprivate mutating func mean(at now: SimulatedTime, seenAfter delay: Int64) -> Double {
        let seen =
            delay == 0
            ? mean(at: now) : mean(asOf: SimulatedTime(nanoseconds: now.nanoseconds - delay))
        return seen ?? 0
    }
}

/// Whole nanoseconds, rounded to the nearest: the only way from a cost to the clock.
func nanoseconds(_ cost: Double) -> Int64 { Int64(cost.rounded()) }
