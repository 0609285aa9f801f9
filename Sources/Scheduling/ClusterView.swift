/// What a policy may ask about the round that it routes and the workers that could prefill it.
///
/// Times are nanoseconds. The simulator answers from its state; a live router would answer from
/// what its workers report.
public protocol ClusterView: ~Copyable {
    /// Prefill workers are numbered from 0.
    var prefillWorkerCount: Int { get }

    /// Prefill in the queue of a prefill worker, the rest of the running task included.
    mutating func queuedWork(onPrefillWorker index: Int) -> Double
    /// Prefill in the queue of the session's own decode worker.
    mutating func queuedWorkAtHome() -> Double

    /// Mean TTFT over the statistics window of a prefill worker; 0 where the window is empty,
    /// which counts as slack.
    mutating func windowedTTFT(onPrefillWorker index: Int) -> Double
    /// Mean ITL over the statistics window of the session's decode worker; 0 where it is empty.
    mutating func windowedITLAtHome() -> Double

    /// T_prefill of the round on a prefill worker.
    mutating func prefillTime(onPrefillWorker index: Int) -> Double
    /// T_prefill of the round on the session's decode worker.
    mutating func prefillTimeAtHome() -> Double
    /// T_kv of the history to a prefill worker plus T_kv of the increment back.
    mutating func transferTime(onPrefillWorker index: Int) -> Double
}
