import CostModeling
import DequeModule
import DiscreteEvents
import Scheduling
import ServingDomain

/// Decode workers: continuous batching, and local prefills that pause the batch.
extension ServingSimulation {
    mutating func enqueueLocal(_ session: Int, _ task: PrefillTask, _ worker: Int) {
        let costs = decodeWorkers[worker].costs
        let compute = costs.prefillTime(history: task.history, increment: task.increment)
        states[session].executor = nil
        decodeWorkers[worker].localQueue.append(
            QueuedPrefill(
                session: session, history: task.history, increment: task.increment,
                compute: nanoseconds(compute), transfer: 0, enqueued: now))
        proceed(worker)
    }

    /// The KV cache of a remote prefill is complete: the session joins at the next step.
    mutating func acceptIncrement(_ session: Int) {
        guard let worker = states[session].worker else { return }
        decodeWorkers[worker].joining.append(session)
        proceed(worker)
    }

    /// Lets an idle worker go on, once nothing else happens in this instant.
    private mutating func proceed(_ worker: Int) {
        if events.peekTime == now {
            schedule(.decodeWorkerBegins(worker: worker), after: 0)
            publishDecode(worker)
        } else {
            begin(worker)
        }
    }

    /// Starts whatever an idle worker should do next: prefill before decode (§4.1).
    mutating func begin(_ worker: Int) {
        guard case .idle = decodeWorkers[worker].activity else {
            publishDecode(worker)
            return
        }
        let step = decodeWorkers[worker].localQueue.takeStep(
            at: now, budget: setup.tokenBudget, reordering: reordering)
        if step.isEmpty { startStep(worker) } else { startLocalPrefill(step, worker) }
        publishDecode(worker)
    }

    // MARK: Local prefill

    private mutating func startLocalPrefill(_ step: [QueuedPrefill], _ worker: Int) {
        let time = nanoseconds(
            decodeWorkers[worker].costs.prefillTime(
                of: step.map { (history: $0.history, increment: $0.increment) }))
        notePrefill(step, time, decodeWorkers[worker].costs.prefill)
        decodeWorkers[worker].activity = .prefilling(step)
        decodeWorkers[worker].busyUntil = now + time
        decodeWorkers[worker].busyTime += time
        for task in step { states[task.session].prefillStarted = now }
        schedule(.localPrefillEnded(worker: worker), after: time)
    }

    /// A local prefill samples the first tokens itself.
    mutating func endLocalPrefill(_ worker: Int) {
        guard case .prefilling(let step) = decodeWorkers[worker].activity else {
            preconditionFailure("INV-3: a worker ends only what it started")
        }
        for task in step {
            states[task.session].prefillEnded = now
            states[task.session].firstToken = now
            if script(task.session).outputTokens > 1 {
                decodeWorkers[worker].joining.append(task.session)
            } else {
                waitingRounds -= 1
                endRound(task.session)
            }
        }
        decodeWorkers[worker].activity = .idle
        proceed(worker)
    }

    // MARK: Decode steps

    private mutating func startStep(_ worker: Int) {
        decodeWorkers[worker].continuing = decodeWorkers[worker].batch.count
        decodeWorkers[worker].continuingMeasured = decodeWorkers[worker].batch.measured
        decodeWorkers[worker].firstSteps.removeAll(keepingCapacity: true)
        while decodeWorkers[worker].batch.count < setup.maxSequences,
            let session = decodeWorkers[worker].joining.popFirst()
        {
            join(session, worker)
        }
        let count = decodeWorkers[worker].batch.count
        guard count > 0 else { return }
        let context = decodeWorkers[worker].batch.totalContext
        let time = nanoseconds(
            decodeWorkers[worker].costs.decodeStepTime(batch: count, totalContext: context))
        noteDecode(
            batch: count, context: context / count, time, decodeWorkers[worker].costs.decode)
        decodeWorkers[worker].activity = .stepping
        decodeWorkers[worker].busyUntil = now + time
        decodeWorkers[worker].busyTime += time
        schedule(.decodeStepEnded(worker: worker), after: time)
    }

    /// Adds a session to the batch.
    ///
    /// After a remote prefill the first step recomputes the last prompt position and samples the
    /// first token; after a local one the first token exists and is the first step's input.
    private mutating func join(_ session: Int, _ worker: Int) {
        let output = Int(script(session).outputTokens)
        let prompt = task(session)
        let context = prompt.history + prompt.increment
        let hasFirst = states[session].firstToken != nil
        if hasFirst { waitingRounds -= 1 }
        decodeWorkers[worker].batch.join(
            session: session, context: hasFirst ? context + 1 : context,
            steps: hasFirst ? output - 1 : output, isMeasured: measured.contains(session))
        decodeWorkers[worker].firstSteps.append(session)
    }

    /// One token for every sequence of the batch.
    ///
    /// The worker counts as busy until every ended round is dealt with, so that nothing they
    /// release can start a step in between.
    mutating func endDecodeStep(_ worker: Int) {
        decodeWorkers[worker].batch.advance()
        recordGaps(worker)
        decodeWorkers[worker].lastStepEnd = now
        while let session = decodeWorkers[worker].batch.popEnded() {
            let prompt = task(session)
            let output = Int(script(session).outputTokens)
            decodeWorkers[worker].batch.release(
                context: prompt.history + prompt.increment + output,
                isMeasured: measured.contains(session))
            endRound(session)
        }
        decodeWorkers[worker].activity = .idle
        proceed(worker)
    }

    /// Gaps of this step's tokens; first tokens go to the prefill worker's statistics.
    private mutating func recordGaps(_ worker: Int) {
        let gap = now.nanoseconds - decodeWorkers[worker].lastStepEnd.nanoseconds
        let continuing = decodeWorkers[worker].continuing
        addGaps(gap, continuing, measured: decodeWorkers[worker].continuingMeasured, worker)
        for session in decodeWorkers[worker].firstSteps {
            if let first = states[session].firstToken {
                let isMeasured = measured.contains(session) ? 1 : 0
                addGaps(now.nanoseconds - first.nanoseconds, 1, measured: isMeasured, worker)
            } else {
                states[session].firstToken = now
                waitingRounds -= 1
                reportFirstToken(session)
            }
        }
    }

    /// All gaps count for the worker's statistics, those of measured sessions for the result.
    private mutating func addGaps(
        _ gap: Int64, _ count: Int, measured: Int, _ worker: Int
    ) {
        guard count > 0 else { return }
        decodeWorkers[worker].latencies.add(now, sum: gap * Int64(count), count: count)
        result.gaps.record(nanoseconds: gap, count: measured)
    }

    private mutating func reportFirstToken(_ session: Int) {
        guard let index = states[session].executor else { return }
        let ttft =
            now.nanoseconds - states[session].released.nanoseconds + firstTokenOverhead
        prefillWorkers[index].latencies.add(now, sum: ttft, count: 1)
    }

    mutating func publishDecode(_ index: Int) {
        decodeWorkers[index].publish(at: now, delay: stateDelay)
    }
}
