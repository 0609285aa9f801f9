import CostModeling
import DiscreteEvents
import Scheduling
public import ServingDomain

/// A serving cluster in simulated time: sessions of several rounds through a deployment.
///
/// Semantics: docs/semantics.md. One run is single-threaded and deterministic; equal inputs give
/// equal results on every machine.
public struct ServingSimulation {
    let setup: ClusterSetup
    let sessions: SessionTable
    let measured: MeasuredSessions
    let router: Router
    let reordering: PrefillReordering?
    let stateDelay: Int64

    var events = EventQueue<ServingEvent>()
    var now = SimulatedTime.zero
    var states: [SessionState]
    var prefillWorkers: [PrefillWorker]
    var decodeWorkers: [DecodeWorker]
    /// Idle workers that may have something to do once nothing else happens in this instant.
    var beginning: [Int] = []
    var stepLines: StepLineCache
    var result = SimulationResult()
    /// Measured sessions that have not ended.
    var outstanding: Int
    private let window: (opens: SimulatedTime, closes: SimulatedTime)
    private var whenOpened: Reading?
    private var whenClosed: Reading?
    /// Rounds that were released and do not decode yet: they have no first token, or have one from
    /// a local prefill and wait for a place in the batch.
    var waitingRounds = 0
    var releasedRounds = 0

    /// Runs `sessions` through the cluster until every measured one has ended.
    ///
    /// - Parameters:
    ///   - setup: workers, policy and targets.
    ///   - sessions: all sessions in order of arrival.
    ///   - measured: the sessions whose latencies are reported; the others load the system.
    /// - Returns: what the measured sessions experienced.
    public static func run(
        _ setup: ClusterSetup, sessions: SessionTable, measured: MeasuredSessions
    ) -> SimulationResult {
        var simulation = Self(setup, sessions, measured)
        simulation.execute()
        return simulation.result
    }

    init(_ setup: ClusterSetup, _ sessions: SessionTable, _ measured: MeasuredSessions) {
        self.setup = setup
        self.sessions = sessions
        self.measured = measured
        router = Router(policy: setup.policy, service: setup.service, transfer: setup.transfer)
        reordering =
            setup.policy.reorders
            ? PrefillReordering(
                window: setup.policy.reorderWindow,
                maxPostponements: setup.policy.maxPostponements,
                target: setup.service.ttft.inSeconds * 1e9) : nil
        stateDelay = setup.policy.stateDelay.inNanoseconds
        states = Array(repeating: SessionState(), count: sessions.count)
        let latencies = SlidingMean(
            window: setup.policy.window.inNanoseconds, horizon: stateDelay)
        let gaps = GapWindow(window: setup.policy.window.inNanoseconds, horizon: stateDelay)
        prefillWorkers = setup.prefillCosts.map { PrefillWorker(costs: $0, latencies: latencies) }
        decodeWorkers = setup.decodeSeats.map {
            DecodeWorker(costs: $0.costs, capacity: $0.capacity.value, gaps: gaps)
        }
        stepLines = StepLineCache(setup.decodeSeats.map(\.costs))
        outstanding = max(0, min(measured.end, sessions.count) - measured.first)
        let last = min(measured.end, sessions.count) - 1
        window = (
            SimulatedTime(nanoseconds: outstanding > 0 ? sessions.arrivals[measured.first] : 0),
            SimulatedTime(nanoseconds: outstanding > 0 ? sessions.arrivals[last] : 0)
        )
    }

    private mutating func execute() {
        start()
        while step() {}
        finish()
    }

    mutating func start() {
        result.sessions = outstanding
        for index in decodeWorkers.indices { publishDecode(index) }
        for index in prefillWorkers.indices { publishPrefill(index) }
        if sessions.count > 0 { scheduleArrival(of: 0) }
    }

    /// Lets the next event happen; false once every measured session has ended.
    mutating func step() -> Bool {
        if !beginning.isEmpty, events.peekTime != now { beginWaiting() }
        guard outstanding > 0, let (time, event) = events.pop() else { return false }
        precondition(time >= now, "INV-1: time never goes back")
        if time > window.opens, whenOpened == nil { whenOpened = reading(at: window.opens) }
        if time > window.closes, whenClosed == nil { whenClosed = reading(at: window.closes) }
        now = time
        handle(event)
        return true
    }

    private mutating func handle(_ event: ServingEvent) {
        switch event {
        case .decodeRunEnded(let worker): endRun(worker)
        case .localPrefillEnded(let worker): endLocalPrefill(worker)
        case .prefillComputed(let worker): endPrefill(worker)
        case .historyArrived(let worker): acceptHistory(worker)
        case .incrementArrived(let session): acceptIncrement(session)
        case .roundElapsed(let session): endRound(session)
        case .prefillRequested(let session): requestPrefill(session)
        case .roundReleased(let session): release(session)
        }
    }

    mutating func schedule(_ event: ServingEvent, after nanoseconds: Int64) {
        events.push(at: now + nanoseconds, rank: event.rank, event: event)
    }

    mutating func scheduleArrival(of session: Int) {
        guard session < sessions.count else { return }
        let event = ServingEvent.roundReleased(session: session)
        events.push(
            at: SimulatedTime(nanoseconds: sessions.arrivals[session]), rank: event.rank,
            event: event)
    }

    func script(_ session: Int) -> RoundScript {
        sessions.rounds[sessions.firstRound[session] + states[session].round]
    }

    // MARK: Utilisation over the measured time

    /// Running totals at one instant.
    private struct Reading {
        let prefillBusy: Int64
        let decodeBusy: Int64
        let waiting: Int
        let released: Int
    }

    private func reading(at time: SimulatedTime) -> Reading {
        Reading(
            prefillBusy: prefillWorkers.reduce(0) { $0 + $1.busyTime(at: time) },
            decodeBusy: decodeWorkers.reduce(0) { $0 + $1.busyTime(at: time) },
            waiting: waitingRounds,
            released: releasedRounds)
    }

    mutating func finish() {
        let closed = whenClosed ?? reading(at: now)
        let opened = whenOpened ?? closed
        let span = Double(max(1, window.closes.nanoseconds - window.opens.nanoseconds))
        func share(_ busy: Int64, _ workers: Int) -> Double {
            workers == 0 ? 0 : min(1, Double(busy) / (span * Double(workers)))
        }
        result.prefillUtilisation = share(
            closed.prefillBusy - opened.prefillBusy, prefillWorkers.count)
        result.decodeUtilisation = share(
            closed.decodeBusy - opened.decodeBusy, decodeWorkers.count)
        result.backlogRounds = closed.waiting - opened.waiting
        result.backlogGrowth =
            Double(result.backlogRounds) / Double(max(1, closed.released - opened.released))
        result.peakMemoryShare =
            decodeWorkers.map { Double($0.memory.peak) / Double(max(1, $0.memory.capacity)) }.max()
            ?? 0
    }

    // MARK: Range of the cost functions

    mutating func notePrefill(_ step: [QueuedPrefill], _ time: Int64, _ costs: PhaseCosts) {
        let tokens = step.reduce(0) { $0 + $1.increment }
        let isInside =
            Double(tokens) <= costs.fittedTokens
            && step.allSatisfy { costs.covers(tokens: $0.increment, cached: $0.history) }
        let ticks = Ticks.ticks(nanoseconds: time)
        result.computeTicks += ticks
        if !isInside { result.extrapolatedTicks += ticks }
    }
}

extension ClusterSetup {
    /// Costs of the prefill workers; none where the stage is unlimited.
    var prefillCosts: [WorkerCosts] {
        if case .workers(let costs) = prefill { costs } else { [] }
    }

    var decodeSeats: [DecodeSeat] {
        if case .workers(let seats) = decode { seats } else { [] }
    }
}
