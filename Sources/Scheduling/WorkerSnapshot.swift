/// What the coordinator knows of one worker when it decides.
public struct WorkerSnapshot: Hashable, Sendable {
    /// Estimated nanoseconds of prefill in the worker's queue, the rest of the running task included.
    public let queuedWork: Double
    /// Mean TTFT (prefill worker) or ITL (decode worker) over the statistics window, in
    /// nanoseconds; 0 where the window is empty, which counts as slack.
    public let windowedLatency: Double

    public init(queuedWork: Double, windowedLatency: Double) {
        self.queuedWork = queuedWork
        self.windowedLatency = windowedLatency
    }
}
