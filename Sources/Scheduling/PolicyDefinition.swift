public import ServingDomain

/// Chooses where a released round is prefilled; pure, so that a live router can run the same lines.
public typealias RoutingRule = @Sendable (RoutingView) -> Route

/// One serving policy: what it is called, how it routes, and what it asks of the engine.
public struct PolicyDefinition: Sendable {
    /// Workers that a policy is made for.
    public enum Layout: Hashable, Sendable {
        case disaggregated
        /// Replicas that prefill and decode; every round is prefilled where it decodes.
        case colocated
    }

    /// In which order a worker takes waiting prefills.
    public enum QueueOrder: Hashable, Sendable {
        case arrival
        /// Algorithm 2 of AMPD.
        case mostInTime
        /// Rounds of these kinds, one kind after the other, then all others; those of one kind by
        /// the arrival of their sessions.
        case programs(first: [RoundKind])
    }

    /// Rounds that some orders put before others.
    public enum RoundKind: Hashable, Sendable {
        /// Gave its memory up when it was in service.
        case preempted
        /// Came back while its history was pinned, and still has it.
        case pinned
    }

    /// Who gives way where a batch has no memory to grow.
    public enum Victim: Hashable, Sendable {
        /// Who was let in last.
        case newest
        /// Whose session arrived last, among rounds that are not the last of their sessions, else
        /// among all.
        case latestSession
    }

    /// Decides for how many seconds a history is pinned when a tool is called; 0 for not at all.
    ///
    /// Infinite where it stays until the round comes back, or somebody else decides.
    public typealias PinRule = @Sendable (ToolCall) -> Double

    /// What a rule looks at, so that nothing else has to be worked out.
    public struct Sight: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Windowed TTFT and ITL.
        public static var windows: Self { Self(rawValue: 1) }
        /// Load and costs of the prefill workers.
        public static var prefillWorkers: Self { Self(rawValue: 2) }
        /// First-token times on serving workers under chunks that keep their steps short.
        public static var hosts: Self { Self(rawValue: 4) }
        /// Rounds released per second.
        public static var rate: Self { Self(rawValue: 8) }
        /// Prefill workers one by one, and not only those that may be the cheapest.
        public static var everyPrefillWorker: Self { Self(rawValue: 16) }
    }

    public private(set) var name: ServingPolicy.Name
    /// One sentence for listings.
    public private(set) var summary: String
    /// Knobs besides those that every policy has.
    public var knobs: [PolicyKnob] = []
    public var layout = Layout.disaggregated
    /// How serving workers are chosen where the case leaves it open.
    public var dispatch = Dispatch.leastUsedMemory
    public var order = QueueOrder.arrival
    public var victim = Victim.newest
    /// How long histories stay on their workers in tool calls; `nil` leaves it to the engine.
    public var pin: (@Sendable (ServingPolicy) -> PinRule)?
    /// Whether pinned histories are judged at every step by the memory that they waste.
    public var minimisesWaste = false
    /// What the policy prescribes; `nil` leaves it to the engine's own settings.
    public var localPrefill: LocalPrefill?
    /// How steps are formed under the policy; `nil` leaves it to the engine's own settings.
    public var steps: (@Sendable (ServingPolicy) -> StepRules)?
    public var sight: Sight = [.prefillWorkers]
    /// Bounds the steps of serving workers that compute prompts; `nil` leaves them as they come.
    public var deflection: (@Sendable (ServingPolicy, ServiceLevel) -> PrefillDeflection)?
    /// Windowed TTFT in nanoseconds up to which prefill workers go before others; `nil` where the rule does
    /// not look at it.
    public var prefillSlack: (@Sendable (ServingPolicy, ServiceLevel) -> Double)?
    /// Whether a decode worker may be asked to prefill a prompt itself.
    public var mayPrefillLocally = true
    /// Whether the rule looks things up in `ServingPolicy.table`.
    public var usesTable = false
    /// Makes the rule for one run.
    public var rule: @Sendable (ServingPolicy, ServiceLevel) -> RoutingRule

    public init(
        _ name: String, _ summary: String,
        rule: @escaping @Sendable (ServingPolicy, ServiceLevel) -> RoutingRule
    ) {
        self.name = ServingPolicy.Name(rawValue: name)
        self.summary = summary
        self.rule = rule
    }

    /// The same definition with something changed.
    func with(
        name: String? = nil, _ summary: String? = nil, _ change: (inout Self) -> Void
    ) -> Self {
        var copy = self
        if let name { copy.name = ServingPolicy.Name(rawValue: name) }
        if let summary { copy.summary = summary }
        change(&copy)
        return copy
    }

    /// Whether the policy can use prefill workers at all.
    public var usesPrefillWorkers: Bool {
        layout == .disaggregated && sight.contains(.prefillWorkers)
    }
}
