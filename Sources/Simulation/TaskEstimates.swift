import CostModeling
import ServingDomain

/// The sizes of one round's prefill, in tokens.
struct PrefillShape: Hashable {
    /// History that is read from the serving worker.
    var read: Int
    /// History that need not be computed.
    var history: Int
    /// Tokens to compute.
    var increment: Int
    /// Tokens whose KV cache goes to the serving worker.
    var back: Int
}

/// Times of a round's prefill on every kind of worker, each worked out once per round.
struct TaskEstimates {
    private struct Known {
        var history = -1
        var increment = -1
        var compute = 0.0
        var read = -1
        var back = -1
        var home = TensorParallelDegree.one
        var transfer = 0.0
    }

    private let kinds: [WorkerCosts]
    private let costs: TransferCosts
    private var known: ContiguousArray<Known>

    init(kinds: [WorkerCosts], transfer: TransferCosts) {
        self.kinds = kinds
        costs = transfer
        known = ContiguousArray(repeating: Known(), count: kinds.count)
    }

    /// Nanoseconds to prefill the round alone.
    mutating func compute(_ shape: PrefillShape, kind: Int) -> Double {
        if known[kind].history != shape.history || known[kind].increment != shape.increment {
            known[kind].history = shape.history
            known[kind].increment = shape.increment
            known[kind].compute = kinds[kind].prefillTime(
                history: shape.history, increment: shape.increment)
        }
        return known[kind].compute
    }

    /// Nanoseconds to move the history from a worker of degree `home` and the new part back.
    mutating func transfer(
        _ shape: PrefillShape, kind: Int, home: TensorParallelDegree
    ) -> Double {
        if known[kind].read != shape.read || known[kind].back != shape.back
            || known[kind].home != home
        {
            known[kind].read = shape.read
            known[kind].back = shape.back
            known[kind].home = home
            let degree = kinds[kind].degree
            known[kind].transfer =
                costs.time(tokens: shape.read, from: home, to: degree)
                + costs.time(tokens: shape.back, from: degree, to: home)
        }
        return known[kind].transfer
    }
}
