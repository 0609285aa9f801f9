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

    /// Lets a worker see what came in: an idle one begins when nothing else happens in this instant,
    /// a run of steps ends with the step that runs now.
    private mutating func proceed(_ worker: Int) {
        switch decodeWorkers[worker].activity {
        case .idle:
            if !beginning.contains(worker) { beginning.append(worker) }
        case .stepping: cutRun(worker)
        case .prefilling: break
        }
        publishDecode(worker)
    }

    /// Starts whatever the idle workers should do next: prefill before decode (§4.1).
    mutating func beginWaiting() {
        for worker in beginning {
            let step = decodeWorkers[worker].localQueue.takeStep(
                at: now, budget: setup.tokenBudget, reordering: reordering)
            if step.isEmpty { startRun(worker) } else { startLocalPrefill(step, worker) }
            publishDecode(worker)
        }
        beginning.removeAll(keepingCapacity: true)
    }

    /// The worker is busy until `end`, when `event` happens.
    private mutating func occupy(_ worker: Int, until end: SimulatedTime, _ event: ServingEvent) {
        decodeWorkers[worker].busyUntil = end
        if decodeWorkers[worker].busySince == nil { decodeWorkers[worker].busySince = now }
        events.push(at: end, rank: event.rank, tie: UInt64(worker), event: event)
    }

    private mutating func rest(_ worker: Int) {
        decodeWorkers[worker].busyTime = decodeWorkers[worker].busyTime(at: now)
        decodeWorkers[worker].busySince = nil
    }

    // MARK: Local prefill

    private mutating func startLocalPrefill(_ step: [QueuedPrefill], _ worker: Int) {
        let time = nanoseconds(
            decodeWorkers[worker].costs.prefillTime(
                of: step.map { (history: $0.history, increment: $0.increment) }))
        notePrefill(step, time, decodeWorkers[worker].costs.prefill)
        decodeWorkers[worker].activity = .prefilling(step)
        for task in step { states[task.session].prefillStarted = now }
        occupy(worker, until: now + time, .localPrefillEnded(worker: worker))
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

    /// Starts as many steps as can be planned: until the first sequence ends, until a first token
    /// exists, or until the cost function changes its slope.
    private mutating func startRun(_ worker: Int) {
        let continuing = decodeWorkers[worker].batch.count
        decodeWorkers[worker].continuingMeasured = decodeWorkers[worker].batch.measured
        decodeWorkers[worker].firstSteps.removeAll(keepingCapacity: true)
        while decodeWorkers[worker].batch.count < setup.maxSequences,
            let session = decodeWorkers[worker].joining.popFirst()
        {
            join(session, worker)
        }
        let count = decodeWorkers[worker].batch.count
        guard count > 0 else {
            rest(worker)
            return
        }
        let run = plannedRun(worker)
        let stall = run.start - decodeWorkers[worker].batch.clock
        decodeWorkers[worker].gaps.begin(
            GapWindow.Entry(
                run: run, continuing: continuing, stall: continuing > 0 ? stall : 0,
                joined: joinedGaps(worker, run), sequences: count))
        decodeWorkers[worker].activity = .stepping
        occupy(worker, until: run.end(after: run.steps), .decodeRunEnded(worker: worker))
    }

    private mutating func plannedRun(_ worker: Int) -> StepRun {
        let batch = decodeWorkers[worker].batch
        let count = batch.count
        let line = stepLines.line(ofWorker: worker, batch: count)
        let index = line.index(batch.totalContext)
        let piece = line.pieces[index]
        var steps = batch.stepsToFirstEnding
        if index + 1 < line.pieces.count {
            let room = line.pieces[index + 1].start - batch.totalContext
            steps = min(steps, (room + count - 1) / count)
        }
        let awaitsFirst = decodeWorkers[worker].firstSteps.contains {
            states[$0].firstToken == nil
        }
        let goesOn = Ticks.nanoseconds(batch.clock) == now.nanoseconds
        return StepRun(
            start: goesOn ? batch.clock : Ticks.ticks(nanoseconds: now.nanoseconds),
            first: piece.ticks(batch.totalContext),
            growth: piece.slope.multipliedReportingOverflow(by: Int64(count)).partialValue,
            steps: awaitsFirst || setup.stepping == .oneByOne ? 1 : steps, isFitted: piece.isFitted)
    }

    /// Ends the run with the first step that has not ended before now.
    private mutating func cutRun(_ worker: Int) {
        guard let run = decodeWorkers[worker].gaps.last?.run, run.steps > 1 else { return }
        let steps = min(run.steps, run.ended(by: now - 1) + 1)
        guard steps < run.steps else { return }
        decodeWorkers[worker].gaps.end(after: steps)
        occupy(worker, until: run.end(after: steps), .decodeRunEnded(worker: worker))
    }

    /// Gaps of sequences whose first token was sampled by a local prefill.
    private func joinedGaps(_ worker: Int, _ run: StepRun) -> GapWindow.Total {
        var total = GapWindow.Total()
        for session in decodeWorkers[worker].firstSteps {
            guard let token = states[session].firstToken else { continue }
            total.ticks += run.clock(after: 1) - Ticks.ticks(nanoseconds: token.nanoseconds)
            total.count += 1
        }
        return total
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

    /// Ends a run of steps: as many tokens for every sequence of the batch.
    ///
    /// The worker counts as busy until every ended round is dealt with, so that nothing they
    /// release can start a step in between.
    mutating func endRun(_ worker: Int) {
        guard case .stepping = decodeWorkers[worker].activity,
            decodeWorkers[worker].busyUntil == now, let entry = decodeWorkers[worker].gaps.last
        else { return }
        decodeWorkers[worker].batch.advance(entry.run)
        recordGaps(worker, entry)
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

    /// Gaps of measured sessions go to the result, first tokens to the prefill worker's statistics.
    private mutating func recordGaps(_ worker: Int, _ entry: GapWindow.Entry) {
        let run = entry.run
        result.computeTicks += run.duration(run.steps)
        if !run.isFitted { result.extrapolatedTicks += run.duration(run.steps) }
        result.gaps.record(
            ticks: Ticks.wide(run.first) + entry.stall,
            count: decodeWorkers[worker].continuingMeasured)
        if run.steps > 1 {
            result.gaps.record(
                run: run, from: 1, count: decodeWorkers[worker].batch.measured)
        }
        for session in decodeWorkers[worker].firstSteps {
            if let first = states[session].firstToken {
                let isMeasured = measured.contains(session) ? 1 : 0
                let gap = run.clock(after: 1) - Ticks.ticks(nanoseconds: first.nanoseconds)
                result.gaps.record(ticks: gap, count: isMeasured)
            } else {
                states[session].firstToken = now
                waitingRounds -= 1
                reportFirstToken(session)
            }
        }
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
