import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain

/// A serving cluster in simulated time: sessions of several rounds through a deployment.
///
/// Semantics: docs/semantics.md. One run is single-threaded and deterministic; equal inputs give
/// equal results on every machine.
struct RunningCluster: ~Copyable {
    let setup: ClusterSetup
    let sessions: SessionTable
    let measured: MeasuredSessions
    let policy: RunningPolicy
    let blockSize: BlockSize
    let keepsRounds: Bool
    /// Called with every measured round when it ends.
    var eachRound: ((RoundOutcome) -> Void)?
    /// Misses beyond which the run is given up; nil where they are not counted.
    var missBound: MissBound?
    /// What the sessions were promised: first those without a tenant, then each tenant's.
    let targets: ContiguousArray<SessionTargets>
    /// Bound on the completion of a job in nanoseconds.
    let jobTarget: Int64
    /// What lies between clients and steps.
    let firstTokenLatency: FirstTokenLatency

    var events = EventQueue<ServingEvent>(minimumCapacity: 1024)
    var now = SimulatedTime.zero
    /// Whether what happens is written down.
    var isTaping = false
    var slots = SessionSlots()
    var prefillWorkers = Slab<PrefillWorker>()
    var workers = Slab<ServingWorker>()
    var prefillBoard: Noticeboard<WorkerFace>
    var servingBoard: Noticeboard<WorkerFace>
    /// Used where the policy looks at the steps of serving workers.
    var batchBoard: Noticeboard<BatchFace>
    /// Releases of rounds, where the policy looks at their rate.
    var releases: SlidingMean
    /// Free workers that may have something to do once nothing else happens in this instant.
    var beginning = BeginningWorkers()
    var stepLines: StepLines
    var estimates: TaskEstimates
    var view = RoutingView()
    /// Used where a round looks at few of many prefill workers.
    var idleWorkers = IdleWorkers(kinds: [])
    /// Tasks that whichever prefill worker is free first takes.
    var sharedQueue = PrefillQueue()
    var dispatcher: Dispatcher
    var entries = KVEntries()
    /// Shared segments of prompts on the GPUs of each serving worker, in the host memory beside it,
    /// and in the caches of prefill workers.
    var segments: SegmentDirectory
    var hostedSegments: SegmentDirectory
    var prefillSegments: SegmentDirectory
    /// What each serving worker has seen of tools; used where the policy pins histories.
    var experience: ContiguousArray<ToolExperience>
    /// Tokens of a prompt that each serving worker has, for the round that is being dispatched.
    var overlaps: ContiguousArray<Int>
    let links: WorkerLinks
    var transfers: TransferPorts
    var result = SimulationResult()
    /// Where sessions stand in their jobs.
    var trees = TreeStates()
    /// Whether sessions start others or a job has a target of its own; else `trees` is not used.
    let tracksJobs: Bool
    var nextJob = 0
    var isArrivalPending = false
    /// Jobs that hold a place: they have arrived, and their client has not gone on.
    var jobsUnderWay = 0
    /// Measured jobs that have not ended.
    var outstanding: Int
    let lastMeasuredJob: Int
    /// From the first measured arrival to the last.
    var measuredTime = (opens: SimulatedTime.never, closes: SimulatedTime.never)
    private let isNeverCopied = PassedByAddress()
    private var whenOpened: Reading?
    private var whenClosed: Reading?
    /// Rounds that were released and have not been in a decode batch.
    var waitingRounds = 0
    var backlog: BacklogTrend
    var releasedRounds = 0
    /// Writes down what happens; last, so that a run without a tape finds all else close together.
    var recorder: TapeRecorder?

    init(
        _ setup: ClusterSetup, _ sessions: SessionTable, _ measured: MeasuredSessions,
        keepsRounds: Bool
    ) {
        let distinct = setup.distinctCosts
        let kinds = distinct.map(\.unshared)
        func kind(_ costs: WorkerCosts) -> Int { distinct.firstIndex(of: costs) ?? 0 }
        let (prefill, seats) = (setup.prefillCosts, setup.decodeSeats)
        let delay = setup.policy.stateDelay.inNanoseconds
        let window = setup.policy.window.inNanoseconds
        self.setup = setup
        self.sessions = sessions
        self.measured = measured
        self.keepsRounds = keepsRounds
        policy = RunningPolicy(setup)
        blockSize = BlockSize(setup.blockSize)
        precondition(
            seats.count.isMultiple(of: setup.dataParallelRanks), "ranks make up whole engines")
        dispatcher = Dispatcher(policy.dispatch, weights: seats.map(\.capacity.value))
        segments = SegmentDirectory(
            sessions.prefixes, workers: setup.prefixCaching ? seats.count : 0,
            blockSize: setup.blockSize)
        hostedSegments = SegmentDirectory(
            sessions.prefixes, workers: setup.prefixCaching && setup.host != nil ? seats.count : 0,
            blockSize: setup.blockSize)
        let keepsPrompts = setup.prefixCaching && setup.historySource == .prefillCache
        prefillSegments = SegmentDirectory(
            sessions.prefixes, workers: keepsPrompts ? prefill.count : 0,
            blockSize: setup.blockSize)
        overlaps = ContiguousArray(repeating: 0, count: seats.count)
        experience = ContiguousArray(repeating: ToolExperience(), count: seats.count)
        view.prefill = ContiguousArray(repeating: .init(), count: prefill.count)
        targets = SessionTargets.all(setup.service, sessions.tenants.names)
        // The longest, where workers of several GPU types differ in it.
        firstTokenLatency = (prefill.isEmpty ? seats.map(\.costs) : prefill)
            .reduce(FirstTokenLatency()) { $0.joined(with: $1.firstToken) }
        for (index, costs) in prefill.enumerated() {
            let memory = setup.prefillMemory
            prefillWorkers.append(
                PrefillWorker(
                    costs: kinds[kind(costs)], kind: kind(costs),
                    latencies: SlidingMean(window: window, horizon: delay),
                    cache: (index < memory.count ? memory[index].value : .max) / setup.blockSize))
        }
        for seat in seats {
            workers.append(
                ServingWorker(
                    costs: kinds[kind(seat.costs)], kind: kind(seat.costs),
                    blocks: seat.capacity.value / setup.blockSize, blockSize: setup.blockSize,
                    gaps: GapWindow(window: window, horizon: delay),
                    tenants: targets.count > 1 ? targets.count : 0))
        }
        releases = SlidingMean(window: window, horizon: delay)
        if policy.looksAtFew(of: prefill.count, setup) {
            idleWorkers = IdleWorkers(kinds: prefill.map(kind))
        }
        prefillBoard = Noticeboard(workers: prefill.count, delay: delay, unknown: .unknown)
        servingBoard = Noticeboard(workers: seats.count, delay: delay, unknown: .unknown)
        batchBoard = Noticeboard(workers: seats.count, delay: delay, unknown: BatchFace())
        stepLines = StepLines(kinds)
        estimates = TaskEstimates(kinds: kinds, transfer: setup.transfer)
        links = WorkerLinks(setup.placement, prefill: prefill.count, serving: seats.count)
        transfers = TransferPorts(
            workers: prefill.isEmpty ? 0 : prefill.count + seats.count, setup.contention)
        tracksJobs = !sessions.trees.isEmpty || setup.service.job != nil
        jobTarget = setup.service.job?.inNanoseconds ?? .max
        lastMeasuredJob = min(measured.end, sessions.jobCount) - 1
        outstanding = max(0, lastMeasuredJob + 1 - measured.first)
        backlog = BacklogTrend(jobs: outstanding)
        result.itlStatistic = setup.service.itlStatistic
        result.arrivals = ArrivalSeries(sessions.sessions(ofJobs: measured))
    }

    mutating func start() {
        result.sessions = (measured.first..<measured.first + outstanding).reduce(0) {
            $0 + sessions.trees.sessions(ofJob: $1).count
        }
        result.measuredJobs = outstanding
        countTenants()
        if tracksJobs {
            result.jobs = JobFigures()
            result.jobs?.count = outstanding
        }
        for index in workers.indices { servingBoard.begin(workers[index].face, of: index) }
        for index in prefillWorkers.indices {
            prefillBoard.begin(prefillWorkers[index].face, of: index)
            idleWorkers.note(index, kind: prefillWorkers[index].kind, isIdle: true)
        }
        scheduleArrival()
    }

    /// Lets the next event happen; false once every measured session has ended.
    mutating func step() -> Bool {
        while !beginning.isEmpty, events.peekTime != now { begin() }
        guard outstanding > 0, let (time, event) = events.pop() else { return false }
        precondition(time >= now, "INV-1: time never goes back")
        if time > measuredTime.opens, whenOpened == nil {
            whenOpened = reading(at: measuredTime.opens)
        }
        if time > measuredTime.closes, whenClosed == nil {
            whenClosed = reading(at: measuredTime.closes)
        }
        now = time
        handle(event)
        return true
    }

    private mutating func handle(_ event: ServingEvent) {
        let index = Int(event.index)
        switch event.kind {
        case .stepEnded: endStep(index)
        case .prefillComputed: endPrefill(index)
        case .historyArrived, .incrementArrived: arriveIfDue(index)
        case .hostCopied: endLoad(index)
        case .bytesBegan: transfers.begin(index, at: now, &events)
        case .prefillElapsed: endUnlimitedPrefill(index)
        case .roundElapsed: endRound(index, lastToken: now)
        case .prefillRequested: requestPrefill(index)
        case .roundReleased: release(index)
        case .pinEnded: endPin(index)
        case .placeFreed: freePlace()
        case .arrival: arrive(index)
        }
    }

    /// Free workers begin what they have to do, in order of their numbers.
    private mutating func begin() {
        while let index = beginning.takePrefill() { beginPrefill(index) }
        while let index = beginning.takeServing() { beginServing(index) }
    }

    mutating func schedule(_ kind: ServingEvent.Kind, _ index: Int, after nanoseconds: Int64) {
        events.push(
            at: now + nanoseconds, rank: kind.rawValue, event: ServingEvent(kind, index))
    }

    mutating func publishServing(_ index: Int) {
        servingBoard.publish(workers[index].face, of: index, at: now)
        if policy.sight.contains(.hosts) {
            batchBoard.publish(batchFace(of: index), of: index, at: now)
        }
        noteLoad(serving: index)
    }

    mutating func publishPrefill(_ index: Int) {
        let face = prefillWorkers[index].face
        prefillBoard.publish(face, of: index, at: now)
        if !idleWorkers.kinds.isEmpty {
            idleWorkers.note(
                index, kind: prefillWorkers[index].kind, isIdle: face.queuedWork(at: now) == 0)
        }
        noteLoad(prefill: index)
    }

    // MARK: Utilisation over the measured time

    /// Running totals at one instant.
    private struct Reading {
        let prefillBusy: Int64
        let decodeBusy: Int64
        let released: Int
        /// Busy time of every port, in nanoseconds.
        let ports: [Double]
    }

    private func reading(at time: SimulatedTime) -> Reading {
        var (prefillBusy, decodeBusy) = (Int64(0), Int64(0))
        for index in prefillWorkers.indices {
            prefillBusy += prefillWorkers[index].busyTime(at: time)
        }
        for index in workers.indices { decodeBusy += workers[index].busyTime(at: time) }
        return Reading(
            prefillBusy: prefillBusy, decodeBusy: decodeBusy, released: releasedRounds,
            ports: transfers.portIndices.map { transfers.busyTime(of: $0, at: time) })
    }

    mutating func finish() {
        let closed = whenClosed ?? reading(at: now)
        let opened = whenOpened ?? closed
        // A run that is given up early has not seen the last measured arrival.
        let measured = min(measuredTime.closes, now) - min(measuredTime.opens, now)
        let span = Double(max(1, measured))
        func share(_ busy: Int64, _ workers: Int) -> Double {
            workers == 0 ? 0 : min(1, Double(busy) / (span * Double(workers)))
        }
        result.prefillUtilisation = share(
            closed.prefillBusy - opened.prefillBusy, prefillWorkers.count)
        result.decodeUtilisation = share(closed.decodeBusy - opened.decodeBusy, workers.count)
        result.busiestPort = zip(closed.ports, opened.ports).map { min(1, ($0 - $1) / span) }.max()
        result.measuredSpan = sessions.concurrency == nil ? nil : measured
        // With so many jobs at once at most, nothing is left behind: what waits has not arrived.
        result.backlogRounds = sessions.concurrency == nil ? backlog.growth : 0
        result.backlogGrowth =
            result.backlogRounds / Double(max(1, closed.released - opened.released))
        for index in workers.indices {
            let pool = workers[index].pool
            let share = Double(pool.peak) / Double(max(1, pool.capacity))
            result.peakMemoryShare = max(result.peakMemoryShare, share)
        }
    }
}
