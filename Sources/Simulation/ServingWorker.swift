import CostModeling
import DequeModule
import DiscreteEvents

/// One serving worker: a continuous batch, prefills of its own, and the KV memory.
///
/// A decode worker of a disaggregated cluster and a co-located replica are both serving workers;
/// they differ in where the policy sends the prefills.
struct ServingWorker: ~Copyable {
    /// A part of a prompt that is computed in one step.
    struct Chunk {
        let slot: Int32
        /// Tokens of the sequence whose KV cache exists before the step.
        let history: Int
        var tokens: Int
        /// Whether the prompt is complete after the step.
        let isLast: Bool
    }

    let costs: WorkerCosts
    /// Place of the costs among the distinct ones of the cluster.
    let kind: Int
    let dependsOnSpread: Bool
    var pool: BlockPool
    /// Blocks that the coordinator counts for the sessions bound to the worker.
    var pledged = 0
    /// Rounds that were released and have not ended.
    var unfinished: Int32 = 0
    /// Blocks of their prompts.
    var activeBlocks = 0
    var batch: DecodeBatch
    /// Rounds that will be prefilled here.
    var queue = PrefillQueue()
    /// Whether the step that is formed has taken a round from `queue`.
    var hasTakenTask = false
    /// Whether the next round of `queue` waits for memory.
    var isShort = false
    /// Whether the present step could only begin after waiting or running rounds had given memory
    /// up: more than it needs perhaps, so that the next boundary may find room for the queue.
    var hasTakenBack = false
    /// Rounds to be prefilled elsewhere that wait for memory here, first come first served.
    var memoryQueue: Deque<Int32> = []
    /// Rounds whose KV cache is complete and who join at the next step boundary.
    var joining: Deque<Int32> = []
    /// Rounds that leave a step to others under a token cap, next in turn first.
    var paused: Deque<Int32> = []
    /// The whole decode queue while turns are given out.
    var turns: ContiguousArray<Int32> = []
    /// What nobody uses at present, least recently used first.
    var idle = KVEntryList()
    /// Histories that are kept for their sessions, in order of the ends of their rounds.
    var pinned = KVEntryList()
    /// What lies in host memory.
    var host = HostShelf()
    /// When the copies from host memory that were asked for have ended.
    var hostFree = SimulatedTime.zero
    /// Rounds whose history has come back from host memory; they have their blocks.
    var loaded: Deque<Int32> = []
    /// When somebody came last, and up to when those who came are known to the next step.
    var lastNewcomer = SimulatedTime.zero
    var seenUntil = SimulatedTime.never
    /// When the latest step without a batch began.
    var promptsBegan = SimulatedTime.zero
    /// When pinned histories were judged last.
    var reviewed = SimulatedTime.never
    /// Ticks of the last step, where that is of interest.
    var lastStep: Int128 = 0
    /// Released sessions in a queue that hold memory, first come first.
    var waiting = SessionList()
    /// Rounds in the batch, and those whose prompt is computed chunk by chunk, first come first.
    var running = SessionList()

    // MARK: What the worker does now
    var isBusy = false
    /// Whether the batch, or that of another rank, decodes in the present step, and not a prompt alone
    /// is computed here.
    var decodes = false
    /// Parts of prompts in the present step.
    var chunks: ContiguousArray<Chunk> = []
    /// Rounds whose prompt has been computed in part.
    var partials: ContiguousArray<Int32> = []
    /// Members that have no token of the present batch yet.
    var firstSteps = Slab<Int32>()
    /// Measured sequences among those that were in the batch before the run.
    var continuingMeasured = 0
    /// The present run of decode steps, and what it means for the gaps between tokens.
    var entry = GapWindow.Entry.none
    /// Steps of the run whose blocks have been taken.
    var charged = 0
    /// End of what the worker does now; events of other times are of plans that were changed.
    var busyUntil = SimulatedTime.zero
    /// Since when the worker has not been idle; `.never` while it is.
    var busySince = SimulatedTime.never
    var busyTime: Int64 = 0
    var gaps: GapWindow
    /// Of the engine whose first rank this is.
    var gate = PromptGate()

    init(
        costs: WorkerCosts, kind: Int, blocks: Int, blockSize: Int, gaps: consuming GapWindow,
        tenants: Int
    ) {
        self.costs = costs
        self.kind = kind
        dependsOnSpread = costs.dependsOnSpread
        pool = BlockPool(capacity: blocks)
        batch = DecodeBatch(blockSize: blockSize, tenants: tenants)
        self.gaps = gaps
    }

    /// Sequences in the batch, about to join it, or being computed chunk by chunk.
    var seatsTaken: Int { batch.count + joining.count + paused.count + partials.count }

    /// Nanoseconds during which the worker was not idle.
    func busyTime(at now: SimulatedTime) -> Int64 {
        busyTime + (busySince == .never ? 0 : now - busySince)
    }

    /// What the coordinator may know of the worker.
    var face: WorkerFace {
        WorkerFace(
            waitingWork: queue.queuedWork,
            busyUntil: isBusy && !decodes ? busyUntil : .zero,
            freeBlocks: pool.capacity - pledged, tasks: Int32(queue.count),
            unfinished: unfinished, activeBlocks: activeBlocks, tokens: queue.queuedTokens)
    }
}

/// One prefill worker: a queue, tasks that compute together, and those whose histories are read
/// meanwhile.
///
/// The history of the next task is read while the present one computes (§6: lazy read, overlapped
/// with the previous task), so a task starts when both the compute before it and its own read have
/// ended.
struct PrefillWorker: ~Copyable {
    /// A task that was taken from the queue.
    struct Selected {
        let slot: Int32
        let history: Int
        let increment: Int
    }

    let costs: WorkerCosts
    let kind: Int
    var queue = PrefillQueue()
    var computing: ContiguousArray<Selected> = []
    var next: ContiguousArray<Selected> = []
    /// Nanoseconds that the tasks of `next` will compute.
    var nextWork: Int64 = 0
    /// Prompt tokens of the tasks that were taken from the queue and have not ended.
    var selectedTokens = 0
    /// Histories of `next` that are still on their way.
    var reads = 0
    /// End of the running computation.
    var busyUntil = SimulatedTime.zero
    /// Nanoseconds of the computations that were begun.
    var begunTime: Int64 = 0
    var latencies: SlidingMean
    /// Prompts that are kept for later rounds, least recently used first.
    var cache = KVEntryList()
    /// Blocks that they take, and most that they may take.
    var cachedBlocks = 0
    let cacheCapacity: Int

    init(costs: WorkerCosts, kind: Int, latencies: consuming SlidingMean, cache capacity: Int) {
        cacheCapacity = capacity
        self.costs = costs
        self.kind = kind
        self.latencies = latencies
    }

    /// Whether no task has been taken.
    var isIdle: Bool { computing.isEmpty && next.isEmpty }

    /// The selected tasks are computed now.
    mutating func startNext() {
        swap(&computing, &next)
        nextWork = 0
    }

    /// Nanoseconds during which the worker computed.
    func busyTime(at now: SimulatedTime) -> Int64 { begunTime - max(0, busyUntil - now) }

    var face: WorkerFace {
        WorkerFace(
            waitingWork: queue.queuedWork + nextWork, busyUntil: busyUntil, freeBlocks: 0,
            tasks: Int32(queue.count + next.count + computing.count),
            tokens: queue.queuedTokens + selectedTokens)
    }
}
