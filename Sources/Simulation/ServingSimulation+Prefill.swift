import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain

/// Prefill workers: queue, lazy read of the history, compute, write-back of the increment.
extension ServingSimulation {
    /// Puts a round into the queue of a prefill worker.
    mutating func enqueueRemote(_ session: Int, _ task: PrefillTask, _ index: Int) {
        let costs = prefillWorkers[index].costs
        let compute = costs.prefillTime(history: task.history, increment: task.increment)
        let transfer =
            transferTime(task.history, session, index, toDecode: false)
            + transferTime(task.increment, session, index, toDecode: true)
        states[session].executor = index
        prefillWorkers[index].queue.append(
            QueuedPrefill(
                session: session, history: task.history, increment: task.increment,
                compute: nanoseconds(compute), transfer: transfer, enqueued: now))
        selectNext(index)
        publishPrefill(index)
    }

    /// Commits to the next task, if none is committed, and starts to read its history.
    private mutating func selectNext(_ index: Int) {
        guard prefillWorkers[index].next == nil,
            let task = prefillWorkers[index].queue.take(
                at: now, busyUntil: prefillWorkers[index].busyUntil, reordering: reordering)
        else { return }
        prefillWorkers[index].next = task
        let read = nanoseconds(transferTime(task.history, task.session, index, toDecode: false))
        if read > 0 {
            prefillWorkers[index].nextIsReady = false
            schedule(.historyArrived(worker: index), after: read)
        } else {
            prefillWorkers[index].nextIsReady = true
            startPrefill(index)
        }
    }

    mutating func acceptHistory(_ index: Int) {
        prefillWorkers[index].nextIsReady = true
        startPrefill(index)
        publishPrefill(index)
    }

    /// Starts the committed task when its history is here and the worker is free.
    private mutating func startPrefill(_ index: Int) {
        guard prefillWorkers[index].computing == nil, prefillWorkers[index].nextIsReady,
            let task = prefillWorkers[index].next
        else { return }
        prefillWorkers[index].next = nil
        prefillWorkers[index].nextIsReady = false
        prefillWorkers[index].computing = task
        notePrefill([task], task.compute, prefillWorkers[index].costs.prefill)
        prefillWorkers[index].busyUntil = now + task.compute
        states[task.session].prefillStarted = now
        schedule(.prefillComputed(worker: index), after: task.compute)
        selectNext(index)
    }

    mutating func endPrefill(_ index: Int) {
        guard let task = prefillWorkers[index].computing else {
            preconditionFailure("INV-3: a worker ends only what it started")
        }
        prefillWorkers[index].computing = nil
        prefillWorkers[index].busyTime += task.compute
        states[task.session].prefillEnded = now
        sendIncrement(task, from: index)
        startPrefill(index)
        selectNext(index)
        publishPrefill(index)
    }

    private mutating func sendIncrement(_ task: QueuedPrefill, from index: Int) {
        let back = transferTime(task.increment, task.session, index, toDecode: true)
        guard case .unlimited(let decode) = setup.decode else {
            schedule(.incrementArrived(session: task.session), after: nanoseconds(back))
            return
        }
        let script = script(task.session)
        let context = task.history + task.increment
        let step = decode.decodeStepTime(batch: 1, totalContext: context)
        states[task.session].firstToken = now + nanoseconds(back + step)
        waitingRounds -= 1
        schedule(
            .roundElapsed(session: task.session),
            after: nanoseconds(back + step * Double(script.outputTokens)))
    }

    /// Time to move `tokens` of KV cache between a prefill worker and the session's decode side.
    private func transferTime(
        _ tokens: Int, _ session: Int, _ index: Int, toDecode: Bool
    ) -> Double {
        let prefill = prefillWorkers[index].costs.degree
        let decode = decodeDegree(session)
        return toDecode
            ? setup.transfer.time(tokens: tokens, from: prefill, to: decode)
            : isHistoryHere ? 0 : setup.transfer.time(tokens: tokens, from: decode, to: prefill)
    }

    /// With an infinite decode server the history has travelled before the queue, not from it.
    private var isHistoryHere: Bool { decodeWorkers.isEmpty }

    private func decodeDegree(_ session: Int) -> TensorParallelDegree {
        if case .unlimited(let costs) = setup.decode { return costs.degree }
        return states[session].worker.map { decodeWorkers[$0].costs.degree } ?? .one
    }

    // MARK: Infinite decode server

    /// Lets the history travel over an infinite server before the round enters the queue.
    mutating func fetchHistoryUnlimited(_ session: Int) {
        guard case .workers(let costs) = setup.prefill, let first = costs.first else { return }
        let read = setup.transfer.time(
            tokens: states[session].resident, from: decodeDegree(session), to: first.degree)
        schedule(.prefillRequested(session: session), after: nanoseconds(read))
    }

    /// A round enters the queue of the prefill worker with least work; its TTFT starts here.
    mutating func requestPrefill(_ session: Int) {
        states[session].released = now
        states[session].admitted = now
        let task = task(session)
        let work = prefillWorkers.map { worker in
            worker.waitingWork + max(0, worker.busyUntil.nanoseconds - now.nanoseconds)
        }
        let index = work.indices.min { work[$0] < work[$1] } ?? 0
        enqueueRemote(session, task, index)
    }

    mutating func publishPrefill(_ index: Int) {
        prefillWorkers[index].publish(at: now, delay: stateDelay)
    }
}
