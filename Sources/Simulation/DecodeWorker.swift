import CostModeling
import DequeModule
import DiscreteEvents

/// One decode worker: a continuous batch, local prefills that pause it, and the KV memory.
struct DecodeWorker {
    enum Activity {
        case idle
        /// A run of decode steps.
        case stepping
        case prefilling([QueuedPrefill])
    }

    let costs: WorkerCosts
    var memory: KVMemory
    var activity = Activity.idle
    var batch = DecodeBatch()
    /// Sessions whose KV cache is complete and who join at the next step boundary.
    var joining: Deque<Int> = []
    /// Sessions that join with the first token still to come, in their first step now.
    var firstSteps: [Int] = []
    var localQueue = PrefillQueue()
    /// Released sessions that wait for memory, first come first served.
    var memoryQueue: Deque<Int> = []
    /// Sessions that wait for their tool, and the memory that they hold.
    var idleSessions: Set<Int> = []
    var idleTokens = 0
    /// Memory held by the sessions of `memoryQueue`.
    var waitingTokens = 0
    /// End of what the worker does now; events of other times are of plans that were changed.
    var busyUntil = SimulatedTime.zero
    /// Since when the worker has not been idle; nil while it is.
    var busySince: SimulatedTime?
    var busyTime: Int64 = 0
    var published = PublishedState()
    var gaps: GapWindow
    /// Measured sequences among those that were in the batch before the run.
    var continuingMeasured = 0

    init(costs: WorkerCosts, capacity: Int, gaps: GapWindow) {
        self.costs = costs
        memory = KVMemory(capacity: capacity)
        self.gaps = gaps
    }

    /// Nanoseconds during which the worker was not idle.
    func busyTime(at now: SimulatedTime) -> Int64 {
        busyTime + (busySince.map { now.nanoseconds - $0.nanoseconds } ?? 0)
    }

    /// Tells the coordinator how much prefill waits here and how much memory is free.
    mutating func publish(at now: SimulatedTime, delay: Int64) {
        var busy = SimulatedTime.zero
        if case .prefilling = activity { busy = busyUntil }
        let report = PublishedState.Report(
            time: now, waitingWork: localQueue.queuedWork, busyUntil: busy,
            freeTokens: memory.free)
        published.publish(report, delay: delay)
    }
}

/// KV memory of one worker in tokens, handed out in whole blocks.
struct KVMemory {
    let capacity: Int
    private(set) var used = 0
    private(set) var peak = 0

    init(capacity: Int) { self.capacity = capacity }

    var free: Int { capacity - used }

    mutating func take(_ tokens: Int) {
        used += tokens
        peak = max(peak, used)
        precondition(used <= capacity && used >= 0, "INV-4: KV memory is never over-committed")
    }

    mutating func give(_ tokens: Int) {
        used -= tokens
        precondition(used >= 0, "INV-4: KV memory is returned once")
    }
}
