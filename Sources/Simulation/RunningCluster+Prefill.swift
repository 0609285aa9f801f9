import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain

/// Prefill workers: queue, lazy read of the history, compute, write-back of the increment.
extension RunningCluster {
    /// An admitted round goes to the prefill worker that was chosen for it.
    mutating func startRemotePrefill(_ slot: Int) {
        if case .unlimited(let costs) = setup.prefill {
            prefillUnlimited(slot, costs)
            return
        }
        note(.queue, slot)
        slots[slot].transferTime = 0
        guard slots[slot].executor != Self.anyPrefillWorker else {
            sharedQueue.append(remoteTask(slot, on: 0))
            callIdlePrefillWorker()
            return
        }
        let index = Int(slots[slot].executor)
        let task = remoteTask(slot, on: index)
        prefillWorkers[index].queue.append(task)
        beginning.addPrefill(index)
        publishPrefill(index)
    }

    /// What is expected of a round on a prefill worker.
    private mutating func remoteTask(_ slot: Int, on index: Int) -> QueuedPrefill {
        let shape = remoteShape(slot, on: index)
        let kind = prefillWorkers[index].kind
        let compute = estimates.compute(shape, kind: kind)
        let transfer =
            workers.count > 0
            ? estimates.transfer(
                shape, kind: kind, home: homeDegree(slot),
                over: links.link(prefill: index, serving: Int(slots[slot].worker))) : 0
        return QueuedPrefill(
            slot: Int32(slot), tokens: shape.increment, compute: nanoseconds(compute),
            transfer: transfer, enqueued: now)
    }

    /// Starts what can be started and commits to the tasks after it.
    mutating func beginPrefill(_ index: Int) {
        if prefillWorkers[index].isIdle {
            selectShared(index)
            if !sharedQueue.isEmpty { callIdlePrefillWorker() }
        }
        if setup.prefetchesHistory || prefillWorkers[index].computing.isEmpty {
            selectNext(index)
        }
        if startPrefill(index), setup.prefetchesHistory { selectNext(index) }
        publishPrefill(index)
    }

    /// Commits to the next tasks, if none are committed, and starts to read their histories.
    private mutating func selectNext(_ index: Int) {
        guard prefillWorkers[index].next.isEmpty, !prefillWorkers[index].queue.isEmpty else {
            return
        }
        if let reordering = policy.reordering,
            let order = prefillWorkers[index].queue.order(
                at: now, busyUntil: prefillWorkers[index].busyUntil, by: reordering)
        {
            prefillWorkers[index].queue.apply(order)
        }
        var tokens = 0
        while let task = prefillWorkers[index].queue.first {
            let slot = Int(task.slot)
            let shape = remoteShape(slot, on: index)
            guard mayJoin(shape.increment, tokens, prefillWorkers[index].next.count) else { break }
            tokens += shape.increment
            _ = prefillWorkers[index].queue.removeFirst()
            select(task, shape, index)
        }
    }

    /// Of the workers that could pull from the shared queue the first one does.
    private mutating func callIdlePrefillWorker() {
        guard let idle = prefillWorkers.indices.first(where: { prefillWorkers[$0].isIdle }) else {
            return
        }
        beginning.addPrefill(idle)
    }

    /// An idle worker pulls tasks from the queue that all of them share.
    private mutating func selectShared(_ index: Int) {
        var tokens = 0
        while let task = sharedQueue.first {
            let shape = remoteShape(Int(task.slot), on: index)
            guard mayJoin(shape.increment, tokens, prefillWorkers[index].next.count) else { return }
            tokens += shape.increment
            _ = sharedQueue.removeFirst()
            slots[Int(task.slot)].executor = Int32(index)
            select(task, shape, index)
        }
    }

    /// Commits to a task and starts to read its history.
    private mutating func select(_ task: QueuedPrefill, _ shape: PrefillShape, _ index: Int) {
        prefillWorkers[index].nextWork += task.compute
        prefillWorkers[index].selectedTokens += shape.increment
        prefillWorkers[index].next.append(
            .init(slot: task.slot, history: shape.history, increment: shape.increment))
        note(.workerWait, Int(task.slot))
        touchPrompt(Int(task.slot), on: index)
        read(shape.read, Int(task.slot), index)
    }

    /// Whether a task of `increment` tokens is computed with those before it.
    private func mayJoin(_ increment: Int, _ tokens: Int, _ tasks: Int) -> Bool {
        guard tasks > 0 else { return true }
        let ranks = setup.prefillRanks
        return switch setup.prefillBatch {
        case .oneTask: tasks < ranks
        case .tokens(let budget): (tokens + increment + ranks - 1) / ranks <= budget
        // Policies may allow any number.
        case .tasks(let most): tasks / ranks < most
        }
    }

    /// Starts to read the history of a selected task; with an infinite decode server it has
    /// travelled before the queue.
    private mutating func read(_ tokens: Int, _ slot: Int, _ index: Int) {
        guard workers.count > 0 else { return }
        if startTransfer(.history, tokens, of: slot, prefillWorker: index) {
            prefillWorkers[index].reads += 1
        }
    }

    mutating func acceptHistory(_ index: Int) {
        prefillWorkers[index].reads -= 1
        beginning.addPrefill(index)
    }

    /// Starts the committed tasks when their histories are here and the worker is free.
    private mutating func startPrefill(_ index: Int) -> Bool {
        guard prefillWorkers[index].computing.isEmpty, prefillWorkers[index].reads == 0,
            !prefillWorkers[index].next.isEmpty
        else { return false }
        prefillWorkers[index].startNext()
        let cost = prefillCost(index)
        let time = nanoseconds(cost.time)
        note(Ticks.ticks(nanoseconds: time), isFitted: cost.isFitted)
        prefillWorkers[index].busyUntil = now + time
        prefillWorkers[index].begunTime += time
        for task in prefillWorkers[index].computing {
            slots[Int(task.slot)].prefillStarted = now
            note(.prefill, Int(task.slot))
        }
        noteStep(prefill: index)
        schedule(.prefillComputed, index, after: time)
        return true
    }

    /// Nanoseconds that the selected tasks compute together.
    private mutating func prefillCost(_ index: Int) -> (time: Double, isFitted: Bool) {
        if prefillWorkers[index].computing.count == 1 {
            let task = prefillWorkers[index].computing[0]
            let shape = PrefillShape(
                read: 0, history: task.history, increment: task.increment, back: 0)
            return (
                estimates.compute(shape, kind: prefillWorkers[index].kind),
                prefillWorkers[index].costs.coversPrefill(
                    history: task.history, increment: task.increment)
            )
        }
        let (costs, tasks) = (prefillWorkers[index].costs, prefillWorkers[index].computing)
        return (
            costs.prefillTime(
                of: tasks.lazy.map { ($0.history, $0.increment) }, ranks: setup.prefillRanks),
            tasks.allSatisfy {
                costs.coversPrefill(history: $0.history, increment: $0.increment)
            } && Double(tasks.reduce(0) { $0 + $1.increment }) <= costs.fittedPrefillTokens
        )
    }

    mutating func endPrefill(_ index: Int) {
        noteStepEnd(prefill: index)
        for task in prefillWorkers[index].computing {
            let slot = Int(task.slot)
            precondition(
                Int(slots[slot].executor) == index, "INV-3: a worker ends only what it started")
            slots[slot].prefillEnded = now
            prefillWorkers[index].selectedTokens -= task.increment
            if setup.firstTokenSite == .prefillDirect { noteFirstToken(slot) }
            keepPrompt(slot, on: index)
            sendIncrement(slot, from: index)
        }
        prefillWorkers[index].computing.removeAll(keepingCapacity: true)
        beginning.addPrefill(index)
        publishPrefill(index)
    }

    private mutating func sendIncrement(_ slot: Int, from index: Int) {
        let back = remoteShape(slot, on: index).back
        guard case .unlimited(let decode) = setup.decode else {
            startTransfer(.increment, back, of: slot, prefillWorker: index)
            return
        }
        let sending = unloadedTransfer(back, slot, prefillWorkers[index].costs.degree)
        let step = decode.decodeStepTime(batch: 1, totalContext: slots[slot].promptTokens)
        slots[slot].firstToken = now + nanoseconds(sending + step)
        noteUnlimitedDecode(slot, from: now + nanoseconds(sending))
        schedule(
            .roundElapsed, slot,
            after: nanoseconds(sending + step * Double(slots[slot].outputTokens)))
    }

    private func homeDegree(_ slot: Int) -> TensorParallelDegree {
        if case .unlimited(let costs) = setup.decode { return costs.degree }
        return workers[Int(slots[slot].worker)].costs.degree
    }

    /// Time of a step goes to the totals that tell how much was extrapolated.
    mutating func note(_ ticks: Int128, isFitted: Bool) {
        result.computeTicks &+= ticks
        if !isFitted { result.extrapolatedTicks &+= ticks }
    }

    // MARK: Infinite servers

    /// Nanoseconds to move KV cache between a round's serving worker and a prefill worker, one of
    /// which is an infinite server.
    private func unloadedTransfer(
        _ tokens: Int, _ slot: Int, _ prefill: TensorParallelDegree
    ) -> Double {
        setup.transfer.time(
            tokens: tokens, between: homeDegree(slot), and: prefill, over: links.ofInfiniteServer)
    }

    /// Prefill and transfers of a round at once, at unloaded durations.
    private mutating func prefillUnlimited(_ slot: Int, _ costs: WorkerCosts) {
        let shape = remoteShape(slot, on: nil)
        let there = unloadedTransfer(shape.read, slot, costs.degree)
        let back = unloadedTransfer(shape.back, slot, costs.degree)
        let compute = costs.prefillTime(history: shape.history, increment: shape.increment)
        slots[slot].prefillStarted = now + nanoseconds(there)
        slots[slot].prefillEnded = now + nanoseconds(there + compute)
        noteUnlimitedPrefill(slot)
        schedule(.prefillElapsed, slot, after: nanoseconds(there + compute + back))
    }

    /// The increment of an infinite server has arrived.
    mutating func endUnlimitedPrefill(_ slot: Int) {
        if setup.firstTokenSite == .prefillDirect {
            noteFirstToken(slot, at: slots[slot].prefillEnded)
        }
        acceptIncrement(slot)
    }

    /// Lets the history travel over an infinite server before the round enters the queue.
    mutating func fetchHistoryUnlimited(_ slot: Int) {
        guard let first = setup.prefillCosts.first else { return }
        let isRead =
            setup.historySource == .readFromDecode
            && slots[slot].resident >= setup.leastHistoryRead
        let read = isRead ? unloadedTransfer(slots[slot].resident, slot, first.degree) : 0
        schedule(.prefillRequested, slot, after: nanoseconds(read))
    }

    /// A round enters the queue of the prefill worker with least work; its TTFT starts here.
    mutating func requestPrefill(_ slot: Int) {
        slots[slot].released = now
        slots[slot].admitted = now
        noteRelease(slot)
        var best = (index: 0, work: Int64.max)
        for index in prefillWorkers.indices {
            let face = prefillWorkers[index].face
            let work = face.waitingWork + max(0, face.busyUntil - now)
            if work < best.work { best = (index, work) }
        }
        slots[slot].executor = Int32(best.index)
        startRemotePrefill(slot)
    }
}

/// Whole nanoseconds, rounded to the nearest: the only way from a cost to the clock.
func nanoseconds(_ cost: Double) -> Int64 { Ticks.nearest(cost) }
