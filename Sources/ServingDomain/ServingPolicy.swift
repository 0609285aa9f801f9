/// Who prefills, where, and in which order: a value that travels with a plan.
public struct ServingPolicy: Hashable, Sendable {
    /// How a released round finds the worker that prefills it.
    public enum Routing: String, Hashable, Sendable, CaseIterable {
        /// Always the prefill worker of least estimated cost.
        case remote
        /// Always the decode worker that the session is bound to.
        case local
        /// Algorithm 1 of AMPD.
        case adaptive
    }

    /// The named policies of this version.
    public enum Name: String, Hashable, Sendable, CaseIterable, Codable {
        case alwaysRemote = "always_remote"
        case alwaysLocal = "always_local"
        case ampd
        case ampdRouting = "ampd_routing"
        case ampdReordering = "ampd_reordering"
    }

    public var name: Name
    /// Share of the TTFT target under which a prefill worker has slack (alpha), in (0, 1].
    public var prefillSlack: Double
    /// Share of the ITL target under which a decode worker has slack (beta), in (0, 1].
    public var decodeSlack: Double
    /// Length of the window over which latencies are averaged.
    public var window: Duration
    /// Tasks at the head of a queue that may change places (w), 1 to 5.
    public var reorderWindow: Int
    /// Times that one task may be postponed (K).
    public var maxPostponements: Int
    /// Age of the cluster state that routing sees.
    public var stateDelay: Duration

    public init(
        name: Name = .ampd, prefillSlack: Double = 0.9, decodeSlack: Double = 0.85,
        window: Duration = .seconds(10), reorderWindow: Int = 3, maxPostponements: Int = 5,
        stateDelay: Duration = .zero
    ) {
        self.name = name
        self.prefillSlack = prefillSlack
        self.decodeSlack = decodeSlack
        self.window = window
        self.reorderWindow = reorderWindow
        self.maxPostponements = maxPostponements
        self.stateDelay = stateDelay
    }

    public var routing: Routing {
        switch name {
        case .alwaysRemote, .ampdReordering: .remote
        case .alwaysLocal: .local
        case .ampd, .ampdRouting: .adaptive
        }
    }

    /// Whether Algorithm 2 of AMPD chooses the next task of a prefill queue.
    public var reorders: Bool { name == .ampd || name == .ampdReordering }
}
