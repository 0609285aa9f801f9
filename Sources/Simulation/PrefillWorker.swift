import CostModeling
import DiscreteEvents

/// One prefill worker: a queue, one task that computes, one whose history is being read.
///
/// The history of the next task is read while the present one computes (§6: lazy read, overlapped
/// with the previous task), so a task starts when both the compute before it and its own read have
/// ended.
struct PrefillWorker {
    let costs: WorkerCosts
    var queue = PrefillQueue()
    var computing: QueuedPrefill?
    var next: QueuedPrefill?
    /// Whether the history of `next` is here.
    var nextIsReady = false
    /// End of the running computation.
    var busyUntil = SimulatedTime.zero
    var busyTime: Int64 = 0
    var published = PublishedState()
    var latencies: SlidingMean

    init(costs: WorkerCosts, latencies: SlidingMean) {
        self.costs = costs
        self.latencies = latencies
    }

    /// Nanoseconds during which the worker computed.
    func busyTime(at now: SimulatedTime) -> Int64 {
        guard let computing else { return busyTime }
        return busyTime + computing.compute - (busyUntil.nanoseconds - now.nanoseconds)
    }

    /// Nanoseconds of compute ahead of a new task, without the rest of the running one.
    var waitingWork: Int64 { queue.queuedWork + (next?.compute ?? 0) }

    /// Tells the coordinator how much work waits here.
    mutating func publish(at now: SimulatedTime, delay: Int64) {
        let report = PublishedState.Report(
            time: now, waitingWork: waitingWork, busyUntil: busyUntil, freeTokens: 0)
        published.publish(report, delay: delay)
    }
}
