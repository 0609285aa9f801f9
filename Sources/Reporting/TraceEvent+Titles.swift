import Simulation

extension Tape {
    /// The name of a worker, such as `P0`.
    func name(_ worker: Int32) -> String { workers[Int(worker)].name }
}

extension Tape.Worker {
    var name: String {
        switch role {
        case .prefill: "P\(number)"
        case .decode: "D\(number)"
        case .colocated: "C\(number)"
        }
    }
}

extension Tape.Phase.Kind {
    var title: String {
        switch self {
        case .memoryWait: "wait for memory"
        case .queue: "queue"
        case .readHistory: "read history"
        case .workerWait: "wait for worker"
        case .prefill: "prefill"
        case .writeBack: "write back"
        case .batchWait: "wait for batch"
        case .decode: "decode"
        case .tool: "tool"
        }
    }
}

extension Tape.Mark.Kind {
    var title: String {
        switch self {
        case .firstToken: "first token"
        case .lastToken: "last token"
        case .eviction: "eviction"
        case .preemption: "preemption"
        case .refusal: "refused"
        }
    }
}

extension Tape.Transfer.Part {
    var title: String {
        switch self {
        case .history: "history"
        case .increment: "increment"
        }
    }
}

extension TraceEvent.Counter {
    var title: String {
        switch self {
        case .blocks: "KV blocks"
        case .batch: "batch"
        case .queue: "queue"
        }
    }

    /// Series of the counter, in the order in which viewers stack them.
    func values(_ levels: Tape.Load.Levels) -> [(name: String, value: Int32)] {
        switch self {
        case .blocks:
            [
                ("active", levels.activeBlocks), ("idle", levels.idleBlocks),
                ("waiting", levels.waitingBlocks),
            ]
        case .batch: [("sequences", levels.batch)]
        case .queue: [("prompts", levels.prompts), ("memory", levels.memoryQueue)]
        }
    }
}
