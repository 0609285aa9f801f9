import CostModeling
import DiscreteEvents
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
struct TaskEstimates: ~Copyable {
    struct Known {
        var history = -1
        var increment = -1
        var compute = 0.0
        /// By class of link.
        var transfers = (Moved(), Moved())

        subscript(link: LinkClass) -> Moved {
            get { link == .intraNode ? transfers.0 : transfers.1 }
            set {
                if link == .intraNode { transfers.0 = newValue } else { transfers.1 = newValue }
            }
        }
    }

    struct Moved {
        var read = -1
        var back = -1
        var home = TensorParallelDegree.one
        var time = 0.0
    }

    private let kinds: Slab<WorkerCosts>
    private let costs: TransferCosts
    private var known: Slab<Known>

    init(kinds: [WorkerCosts], transfer: TransferCosts) {
        self.kinds = Slab(kinds)
        costs = transfer
        known = Slab(repeating: Known(), count: kinds.count)
    }

    /// Nanoseconds to prefill the round alone.
    @inline(__always)
    mutating func compute(_ shape: PrefillShape, kind: Int) -> Double {
        if known[kind].history != shape.history || known[kind].increment != shape.increment {
            learn(shape, kind: kind)
        }
        return known[kind].compute
    }

    private mutating func learn(_ shape: PrefillShape, kind: Int) {
        known[kind].history = shape.history
        known[kind].increment = shape.increment
        known[kind].compute = kinds[kind].prefillTime(
            history: shape.history, increment: shape.increment)
    }

    /// Nanoseconds to move the history from a worker of degree `home` and the new part back, over
    /// links that nobody else uses.
    mutating func transfer(
        _ shape: PrefillShape, kind: Int, home: TensorParallelDegree, over link: LinkClass
    ) -> Double {
        let last = known[kind][link]
        if last.read == shape.read, last.back == shape.back, last.home == home { return last.time }
        func time(_ tokens: Int) -> Double {
            costs.time(tokens: tokens, between: home, and: kinds[kind].degree, over: link)
        }
        let time = time(shape.read) + time(shape.back)
        known[kind][link] = Moved(read: shape.read, back: shape.back, home: home, time: time)
        return time
    }
}
