public import CostModeling
public import ServingDomain

/// Where a round is prefilled.
public enum Route: Hashable, Sendable {
    /// On the prefill worker with this index.
    case remote(Int)
    /// On the decode worker that the session is bound to.
    case local
}

/// Routing of released rounds: Algorithm 1 of §4.1 and its two constant special cases.
///
/// Pure: the same lines serve the simulator and a live router.
public struct Router: Sendable {
    /// A worker that could prefill the round.
    public struct Candidate: Sendable {
        public let costs: WorkerCosts
        public let snapshot: WorkerSnapshot

        public init(costs: WorkerCosts, snapshot: WorkerSnapshot) {
            self.costs = costs
            self.snapshot = snapshot
        }
    }

    public let routing: ServingPolicy.Routing
    public let transfer: TransferCosts
    /// α times the TTFT target, in nanoseconds.
    public let ttftBudget: Double
    /// β times the ITL target, in nanoseconds.
    public let itlBudget: Double

    public init(policy: ServingPolicy, service: ServiceLevel, transfer: TransferCosts) {
        routing = policy.routing
        self.transfer = transfer
        ttftBudget = policy.prefillSlack * service.ttft.inSeconds * 1e9
        itlBudget = policy.decodeSlack * service.itl.inSeconds * 1e9
    }

    /// Chooses where `task` runs.
    ///
    /// Where the paper leaves a choice open: of several prefill workers with slack the cheapest by
    /// Eq. 2 is taken; at equal cost local wins, then the lowest index.
    public func route(
        _ task: PrefillTask, decode: Candidate, prefill: [Candidate]
    ) -> Route {
        switch routing {
        case .local: return .local
        case .remote: return cheapest(task, decode, prefill) { _ in true }?.route ?? .local
        case .adaptive: return adaptive(task, decode, prefill)
        }
    }

    private func adaptive(
        _ task: PrefillTask, _ decode: Candidate, _ prefill: [Candidate]
    ) -> Route {
        let withSlack = cheapest(task, decode, prefill) {
            $0.snapshot.windowedLatency <= ttftBudget
        }
        if let withSlack { return withSlack.route }
        if decode.snapshot.windowedLatency <= itlBudget { return .local }
        guard let remote = cheapest(task, decode, prefill, where: { _ in true }),
            remote.cost < localCost(task, decode)
        else { return .local }
        return remote.route
    }

    /// Cost of local execution (Eq 1): own prefill and all prefills queued on the decode worker.
    public func localCost(_ task: PrefillTask, _ decode: Candidate) -> Double {
        decode.snapshot.queuedWork
            + decode.costs.prefillTime(history: task.history, increment: task.increment)
    }

    /// Cost of remote execution (Eq 2): own prefill, history to the prefill worker, increment back, and its queue.
    public func remoteCost(
        _ task: PrefillTask, _ decode: Candidate, _ prefill: Candidate
    ) -> Double {
        let (source, target) = (decode.costs.degree, prefill.costs.degree)
        return prefill.snapshot.queuedWork
            + prefill.costs.prefillTime(history: task.history, increment: task.increment)
            + transfer.time(tokens: task.history, from: source, to: target)
            + transfer.time(tokens: task.increment, from: target, to: source)
    }

    private func cheapest(
        _ task: PrefillTask, _ decode: Candidate, _ prefill: [Candidate],
        where accepts: (Candidate) -> Bool
    ) -> (route: Route, cost: Double)? {
        var best: (route: Route, cost: Double)?
        for (index, candidate) in prefill.enumerated() where accepts(candidate) {
            let cost = remoteCost(task, decode, candidate)
            if cost < best?.cost ?? .infinity { best = (.remote(index), cost) }
        }
        return best
    }
}
