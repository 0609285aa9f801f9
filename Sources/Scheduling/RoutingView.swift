/// What a policy sees of a released round and of the workers that could prefill it.
///
/// Times are nanoseconds. The simulator fills it from its state, `state_delay` ago; a live router
/// would fill it from what its workers report.
public struct RoutingView: Sendable {
    /// The round that is routed, in tokens.
    public struct Round: Sendable {
        /// 0 for the first of its session.
        public var number = 0
        /// Prompt tokens whose KV cache is on the session's serving worker.
        public var history = 0
        /// Prompt tokens that would be prefilled there.
        public var increment = 0
        /// Tokens that the round will generate, or is expected to.
        public var output = 0

        public init(number: Int = 0, history: Int = 0, increment: Int = 0, output: Int = 0) {
            self.number = number
            self.history = history
            self.increment = increment
            self.output = output
        }

        public var prompt: Int { history + increment }
    }

    /// A prefill worker, by index.
    public struct PrefillWorker: Sendable {
        /// Prefill that waits there, the rest of what runs included.
        public var queuedWork = 0.0
        /// Tasks that wait or are computed there.
        public var tasks = 0
        /// Prompt tokens of the tasks that wait or are computed there.
        public var tokens = 0
        /// Mean TTFT over the statistics window; 0 where the window is empty, which is slack.
        public var windowedTTFT = 0.0
        /// T_prefill of the round.
        public var compute = 0.0
        /// T_kv of the history to the worker plus T_kv of the new part back, nothing else moving.
        public var transfer = 0.0

        public init() {}
    }

    /// The serving worker that the session is bound to.
    public struct Home: Sendable {
        /// Prefill that waits there, the rest of what runs included.
        public var queuedWork = 0.0
        /// Mean ITL over the statistics window; 0 where the window is empty.
        public var windowedITL = 0.0
        /// T_prefill of the round.
        public var compute = 0.0
        /// KV blocks that sessions bound to the worker count on, this round's included, over all;
        /// above 1 where they count on more than there are.
        public var memoryInUse = 0.0
        /// The step in which a round that was prefilled elsewhere gets its first token there; 0
        /// where the prefill worker samples it.
        public var firstStep = 0.0

        public init() {}
    }

    /// A serving worker that could prefill the round in chunks beside its batch.
    public struct Host: Sendable {
        public var worker: Int
        /// Time until the round's first token if every step takes the largest safe chunk; infinite
        /// where a step would have no room for one, or too late to matter.
        public var firstToken: Double

        public init(worker: Int, firstToken: Double) {
            self.worker = worker
            self.firstToken = firstToken
        }
    }

    public var round = Round()
    public var prefill: ContiguousArray<PrefillWorker> = []
    /// Indices of the prefill workers that may be the cheapest, eligible ones where there are; empty for all.
    ///
    /// The others need not be up to date.
    public var shortlist: ContiguousArray<Int> = []
    public var home = Home()
    /// The home first, then others where the session may still be bound to them.
    public var hosts: ContiguousArray<Host> = []
    /// Rounds released per second and serving worker, over the statistics window.
    public var rate = 0.0
    /// Tasks in the queue that all prefill workers share, where they do.
    public var sharedTasks = 0

    public init() {}

    /// Cost of local execution (Eq 1): own prefill and all prefills queued on the serving worker.
    public var localCost: Double { home.queuedWork + home.compute }

    /// Cost of remote execution (Eq 2): own prefill, history there, increment back, and the queue.
    @inlinable
    public func remoteCost(_ index: Int) -> Double {
        let worker = prefill[index]
        return worker.queuedWork + worker.compute + worker.transfer
    }

    /// The prefill worker of least remote cost among those that are eligible, the lowest index at a
    /// tie; nil where none is.
    @inlinable
    public func cheapestRemote(where isEligible: (PrefillWorker) -> Bool = { _ in true }) -> Int? {
        shortlist.isEmpty
            ? cheapest(of: prefill.indices, isEligible) : cheapest(of: shortlist, isEligible)
    }

    @inlinable
    func cheapest(
        of indices: some Sequence<Int>, _ isEligible: (PrefillWorker) -> Bool
    ) -> Int? {
        var best: (index: Int, cost: Double)?
        for index in indices where isEligible(prefill[index]) {
            let cost = remoteCost(index)
            let isBetter =
                best.map { cost < $0.cost || (cost == $0.cost && index < $0.index) } ?? true
            if isBetter { best = (index, cost) }
        }
        return best?.index
    }
}

/// Where a round is prefilled.
public enum Route: Hashable, Sendable {
    /// On the prefill worker with this index.
    case remote(Int)
    /// On whichever prefill worker is free first, from the queue that all of them share.
    case shared
    /// On the serving worker that the session is bound to.
    case local
    /// On the serving worker with this index, to which the session is bound from now on.
    case serving(Int)
}
