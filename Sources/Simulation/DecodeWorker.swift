import CostModeling
import DequeModule
import DiscreteEvents

/// One decode worker: a continuous batch, local prefills that pause it, and the KV memory.
struct DecodeWorker {
    enum Activity {
        case idle
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
    var busyUntil = SimulatedTime.zero
    var busyTime: Int64 = 0
    /// When the last step ended: the time of the previous token of every sequence that was in it.
    var lastStepEnd = SimulatedTime.zero
    /// Sequences of the running step whose previous token came with the previous step.
    var continuing = 0
    /// How many of them are measured.
    var continuingMeasured = 0
    var published = PublishedState()
    var latencies: SlidingMean

    init(costs: WorkerCosts, capacity: Int, latencies: SlidingMean) {
        self.costs = costs
        memory = KVMemory(capacity: capacity)
        self.latencies = latencies
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
