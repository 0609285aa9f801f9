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
    public let routing: ServingPolicy.Routing
    /// α times the TTFT target, in nanoseconds.
    public let ttftBudget: Double
    /// β times the ITL target, in nanoseconds.
    public let itlBudget: Double

    public init(policy: ServingPolicy, service: ServiceLevel) {
        routing = policy.routing
        ttftBudget = policy.prefillSlack * service.ttft.inSeconds * 1e9
        itlBudget = policy.decodeSlack * service.itl.inSeconds * 1e9
    }

    /// Chooses where the round that `view` looks at is prefilled.
    ///
    /// Where the paper leaves a choice open: of several prefill workers with slack the cheapest by
    /// Eq. 2 is taken; at equal cost local wins, then the lowest index.
    @inlinable
    public func route(_ view: inout some ClusterView & ~Copyable) -> Route {
        switch routing {
        case .local: .local
        case .remote: cheapest(&view).map { .remote($0.index) } ?? .local
        case .adaptive: adaptive(&view)
        }
    }

    @inlinable
    func adaptive(_ view: inout some ClusterView & ~Copyable) -> Route {
        if let withSlack = cheapest(&view, windowedTTFTUpTo: ttftBudget) {
            return .remote(withSlack.index)
        }
        if view.windowedITLAtHome() <= itlBudget { return .local }
        guard let remote = cheapest(&view), remote.cost < Self.localCost(&view) else {
            return .local
        }
        return .remote(remote.index)
    }

    /// Cost of local execution (Eq 1): own prefill and all prefills queued on the decode worker.
    @inlinable
    public static func localCost(_ view: inout some ClusterView & ~Copyable) -> Double {
        view.queuedWorkAtHome() + view.prefillTimeAtHome()
    }

    /// Cost of remote execution (Eq 2): own prefill, history to the prefill worker, increment back, and its queue.
    @inlinable
    public static func remoteCost(
        _ view: inout some ClusterView & ~Copyable, _ index: Int
    ) -> Double {
        view.queuedWork(onPrefillWorker: index) + view.prefillTime(onPrefillWorker: index)
            + view.transferTime(onPrefillWorker: index)
    }

    /// The prefill worker of least remote cost, among those whose windowed TTFT is small enough.
    @inlinable
    func cheapest(
        _ view: inout some ClusterView & ~Copyable, windowedTTFTUpTo limit: Double = .infinity
    ) -> (index: Int, cost: Double)? {
        var best: (index: Int, cost: Double)?
        for index in 0..<view.prefillWorkerCount
        where limit == .infinity || view.windowedTTFT(onPrefillWorker: index) <= limit {
            let cost = Self.remoteCost(&view, index)
            if best.map({ cost < $0.cost }) ?? true { best = (index, cost) }
        }
        return best
    }
}
