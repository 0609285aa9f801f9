/// What can happen in a serving cluster.
///
/// At equal instants the order of the cases below is the order of execution: what ends comes
/// before what begins, so that a freed worker or block can be used in the same instant.
enum ServingEvent: Hashable, Sendable {
    /// A decode worker's run of steps ended, if it has not been cut short.
    case decodeRunEnded(worker: Int)
    /// A prefill on a decode worker ended; the session's first token exists.
    case localPrefillEnded(worker: Int)
    /// A prefill worker finished computing a task.
    case prefillComputed(worker: Int)
    /// The history that a prefill worker waits for is there.
    case historyArrived(worker: Int)
    /// The new KV cache has reached the session's decode worker.
    case incrementArrived(session: Int)
    /// An infinite decode server has finished the session's round.
    case roundElapsed(session: Int)
    /// A round whose history comes over an infinite server joins the prefill queue.
    case prefillRequested(session: Int)
    /// Arrival of a session, or end of its tool call.
    case roundReleased(session: Int)

    var rank: UInt8 {
        switch self {
        case .decodeRunEnded: 0
        case .localPrefillEnded: 1
        case .prefillComputed: 2
        case .historyArrived: 3
        case .incrementArrived: 4
        case .roundElapsed: 5
        case .prefillRequested: 6
        case .roundReleased: 7
        }
    }
}
