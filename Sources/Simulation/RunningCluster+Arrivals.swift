import DiscreteEvents
import ServingDomain

/// Where sessions come from: arrivals of jobs, and rounds that start other sessions.
extension RunningCluster {
    /// Schedules the next job, where there is a place for it.
    ///
    /// One arrival at most is pending: the one after it is scheduled when it comes.
    mutating func scheduleArrival() {
        guard nextJob < sessions.jobCount, !isArrivalPending,
            jobsUnderWay < sessions.concurrency ?? .max
        else { return }
        isArrivalPending = true
        let root = sessions.trees.sessions(ofJob: nextJob).lowerBound
        events.push(
            at: max(now, SimulatedTime(nanoseconds: sessions.arrivals[root])),
            rank: ServingEvent.Kind.arrival.rawValue, event: ServingEvent(.arrival, -1))
    }

    /// The next job arrives, or the session in `slot`, which a round has started.
    mutating func arrive(_ slot: Int) {
        guard slot < 0 else { return admit(slot) }
        let job = nextJob
        nextJob += 1
        jobsUnderWay += 1
        isArrivalPending = false
        if job == measured.first { measuredTime.opens = now }
        if measured.contains(job) { backlog.note(waitingRounds, job: job - measured.first) }
        if job == lastMeasuredJob { measuredTime.closes = now }
        scheduleArrival()
        let root = sessions.trees.sessions(ofJob: job).lowerBound
        admit(insert(root, isMeasured: measured.contains(job), parent: -1))
    }

    private mutating func insert(_ session: Int, isMeasured: Bool, parent: Int) -> Int {
        let (first, end) = (sessions.firstRound[session], sessions.firstRound[session + 1])
        let slot = slots.insert(
            SessionState(
                session: session, isMeasured: isMeasured,
                tenant: Int32(sessions.tenants.label(ofSession: session)) + 1, stage: .idle,
                arrived: now,
                firstRound: first, rounds: Int32(end - first), script: sessions.rounds[first],
                servedRound: first))
        if tracksJobs { trees.begin(slot, parent: parent) }
        return slot
    }

    /// Tokens of the longest session that is served at all, whatever the memory: 2³¹ - 1.
    private static var longestContext: Int { Int(Int32.max) }

    /// Binds an arrived session to a serving worker and releases its first round.
    private mutating func admit(_ slot: Int) {
        noteArrival(slot)
        if workers.count > 0 {
            let context = sessions.contexts(of: slots[slot].session).longest
            let isServable = context <= Self.longestContext
            if isServable, let beside = setup.keptBeside {
                slots[slot].besideBlocks = Int32(
                    beside.blocks(of: setup.blockSize, reaching: context))
            }
            let needed = isServable ? blocks(context, of: slot) : .max
            guard let worker = bind(slot, needed) else { return refuse(slot) }
            slots[slot].worker = Int32(worker)
        }
        release(slot)
    }

    private mutating func refuse(_ slot: Int) {
        noteRefusal(slot)
        releasedRounds += 1
        if slots[slot].isMeasured {
            let tree = sessions.sizeOfTree(at: slots[slot].session)
            result.refusedSessions += tree.sessions
            result.refusedRounds += tree.rounds
            noteRefusal(ofTenant: slots[slot].tenant, rounds: tree.rounds)
            if missBound != nil { countRefused(sessions: tree.sessions, rounds: tree.rounds) }
        }
        noteFirstTokenLatency(slot)
        if tracksJobs { trees[slot].isRefused = true }
        leave(slot, lastToken: now)
    }

    // MARK: Trees

    /// Lets the sessions that a round starts arrive in this instant; false where there are none.
    mutating func startChildren(of slot: Int, round: Int) -> Bool {
        let children = sessions.trees.children(ofRound: slots[slot].firstRound + round)
        for child in children {
            let place = insert(child, isMeasured: slots[slot].isMeasured, parent: slot)
            schedule(.arrival, place, after: 0)
        }
        trees[slot].open = Int32(children.count)
        return !children.isEmpty
    }

    /// A session has ended or was refused: it leaves once all that its last round started have.
    mutating func leave(_ slot: Int, lastToken: SimulatedTime) {
        guard tracksJobs else { return endJob(slot) }
        trees[slot].add(
            TreeState(
                lastReceived: lastToken + slots[slot].firstTokenLatency, gaps: slots[slot].gaps,
                missedTTFT: slots[slot].missedTTFT))
        trees[slot].hasEnded = true
        slots[slot].stage = .idle
        handUp(slot)
    }

    /// Hands ended sessions with nothing left below them up to those that started them.
    private mutating func handUp(_ ended: Int) {
        var slot = ended
        while trees[slot].hasEnded, trees[slot].open == 0 {
            let parent = Int(trees[slot].parent)
            guard parent >= 0 else {
                recordJob(slot)
                return endJob(slot)
            }
            let shown = trees[slot]
            slots.remove(slot)
            trees[parent].add(shown)
            trees[parent].open -= 1
            slot = parent
        }
        if trees[slot].open == 0 {
            schedule(.roundReleased, slot, after: max(0, trees[slot].delayEnds - now))
        }
    }

    private mutating func recordJob(_ root: Int) {
        guard slots[root].isMeasured else { return }
        let tree = trees[root]
        guard !tree.isRefused else {
            result.jobs?.refused += 1
            return
        }
        let completion = tree.lastReceived - slots[root].arrived
        result.jobs?.completion.record(nanoseconds: completion)
        let target = targets[Int(slots[root].tenant)].itl
        let inTime = tree.gaps.meets(target)[setup.service.itlStatistic.place] == 1
        if !tree.missedTTFT, inTime, completion <= jobTarget { result.jobs?.good += 1 }
    }

    /// The last session of a job has ended.
    ///
    /// A client that keeps places has its last token, and the prompt of the next job is here, as
    /// much later as first tokens take on that way.
    private mutating func endJob(_ root: Int) {
        if slots[root].isMeasured { outstanding -= 1 }
        let latency = slots[root].firstTokenLatency
        slots.remove(root)
        if sessions.concurrency != nil, latency > 0 {
            schedule(.placeFreed, -1, after: latency)
        } else {
            freePlace()
        }
    }

    /// The next job may take the place of one that has ended.
    mutating func freePlace() {
        jobsUnderWay -= 1
        scheduleArrival()
    }
}
