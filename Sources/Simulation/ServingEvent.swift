/// What can happen in a serving cluster, and to whom.
struct ServingEvent {
    /// At equal instants the order of the cases is the order of execution: what ends comes before
    /// what begins, so that a freed worker or block can be used in the same instant.
    enum Kind: UInt8 {
        /// A serving worker's step or run of steps ended, if it has not been cut short.
        case stepEnded
        /// A prefill worker finished computing.
        case prefillComputed
        /// A history that a prefill worker waits for is there, if its transfer ends now.
        case historyArrived
        /// The new KV cache has reached the session's serving worker, if its transfer ends now.
        case incrementArrived
        /// A history has come back from host memory.
        case hostCopied
        /// The software path of a transfer has done its part, and the bytes begin to move.
        case bytesBegan
        /// An infinite prefill server has finished the round, transfers included.
        case prefillElapsed
        /// An infinite decode server has finished the session's round.
        case roundElapsed
        /// A round whose history comes over an infinite server joins the prefill queue.
        case prefillRequested
        /// The end of a tool call.
        case roundReleased
        /// A pin of a session's history ends, if the session has not come back.
        case pinEnded
        /// A client that keeps so many jobs under way can send the next one.
        case placeFreed
        case arrival
    }

    let kind: Kind
    /// A worker or the place of a session or transfer, by kind.
    let index: Int32

    init(_ kind: Kind, _ index: Int) {
        self.kind = kind
        self.index = Int32(truncatingIfNeeded: index)
    }
}
