public import ServingDomain

extension PolicyDefinition {
    /// Adaptive routing and prefill reordering (§4).
    static let ampd = ampdRouting.with(name: "ampd", "Algorithm 1 and Algorithm 2 of AMPD.") {
        $0.knobs += PolicyKnob.reordering
        $0.order = .mostInTime
    }

    /// Algorithm 1 of §4.1.
    static let ampdRouting = Self(
        "ampd_routing", "Algorithm 1 of AMPD: where slack is left, else where it costs least."
    ) { policy, service in
        let ttftBudget = ttftBudget(policy, service)
        let itlBudget = policy[.decodeSlack] * service.itl.inSeconds * 1e9
        return { $0.adaptiveRoute(ttftBudget: ttftBudget, itlBudget: itlBudget) }
    }
    .with {
        $0.knobs = [.prefillSlack, .decodeSlack]
        $0.sight = [.prefillWorkers, .windows]
        $0.prefillSlack = ttftBudget
    }

    private static let ttftBudget: @Sendable (ServingPolicy, ServiceLevel) -> Double = {
        $0[.prefillSlack] * $1.ttft.inSeconds * 1e9
    }

    /// Algorithm 2 of §4.2 alone.
    static let ampdReordering = alwaysRemote.with(
        name: "ampd_reordering", "Algorithm 2 of AMPD, every prefill remote."
    ) {
        $0.knobs = PolicyKnob.reordering
        $0.order = .mostInTime
    }
}

extension RoutingView {
    /// Algorithm 1, in the paper's order.
    ///
    /// Where the paper leaves a choice open: of several prefill workers with slack the cheapest by
    /// Eq. 2 is taken; at equal cost local wins, then the lowest index.
    @inlinable
    func adaptiveRoute(ttftBudget: Double, itlBudget: Double) -> Route {
        if let withSlack = cheapestRemote(where: { $0.windowedTTFT <= ttftBudget }) {
            return .remote(withSlack)
        }
        if home.windowedITL <= itlBudget { return .local }
        guard let remote = cheapestRemote(), remoteCost(remote) < localCost else { return .local }
        return .remote(remote)
    }
}

extension PolicyKnob {
    public static let prefillSlack = Self(
        "prefill_slack", .number(0...1, isOpen: true), standard: 0.9,
        meaning: "Share of the TTFT bound under which a prefill worker has slack (alpha).",
        origin: "prototype study; not in the AMPD text")
    public static let decodeSlack = Self(
        "decode_slack", .number(0...1, isOpen: true), standard: 0.85,
        meaning: "Share of the ITL bound under which a decode worker has slack (beta).",
        origin: "prototype study; not in the AMPD text")
    public static let reorderWindow = Self(
        "reorder_window", .whole(1...5), standard: 3,
        meaning: "Tasks at the head of a queue that may change places (w).", origin: "AMPD §4.2")
    public static let maxPostponements = Self(
        "max_postponements", .whole(0...1000), standard: 5,
        meaning: "Times that one task may be postponed (K).", origin: "ours; not in the AMPD text")

    static let reordering = [reorderWindow, maxPostponements]
}

extension ServingPolicy.Name {
    public static let ampd = PolicyDefinition.ampd.name
    public static let ampdRouting = PolicyDefinition.ampdRouting.name
    public static let ampdReordering = PolicyDefinition.ampdReordering.name
}
