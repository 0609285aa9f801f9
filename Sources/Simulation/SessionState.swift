import DiscreteEvents

/// Where one session stands.
struct SessionState {
    /// What a session is waiting for.
    enum Stage {
        /// Not yet arrived, or waiting for its tool.
        case idle
        /// Released, waiting for KV memory on its decode worker.
        case waitingForMemory
        /// Routed: prefill queued or running, KV in transfer, or decoding.
        case active
        /// All rounds done, or refused.
        case ended
    }

    var stage = Stage.idle
    /// Decode worker that the session is bound to; nil before its arrival.
    var worker: Int?
    var round = 0
    /// Tokens of the conversation whose KV cache has been computed once.
    var context = 0
    /// Tokens of the context that are still resident on the decode worker: all or none.
    var resident = 0
    /// Tokens of memory that the session holds, in whole blocks.
    var reserved = 0
    var released = SimulatedTime.zero
    var admitted = SimulatedTime.zero
    var prefillStarted = SimulatedTime.zero
    var prefillEnded = SimulatedTime.zero
    /// When the round's first token was sampled; nil until then.
    var firstToken: SimulatedTime?
    /// Last time the session's memory was in use, for the choice of whom to evict.
    var lastUsed = SimulatedTime.zero
    /// Prefill worker that executed the round; nil for a local prefill.
    var executor: Int?
}
