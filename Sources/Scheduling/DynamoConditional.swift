public import ServingDomain

extension PolicyDefinition {
    /// Dynamo up to 0.4: long increments go to the shared queue while it is short.
    static let dynamoConditionalV0 = Self(
        "dynamo_conditional_v0",
        "Increments above a length through the shared queue, if it is short."
    ) { policy, _ in
        let (longest, queue) = (policy[.maxLocalPrefill], policy[.maxPrefillQueue])
        return { view in
            Double(view.round.increment) > longest && Double(view.sharedTasks) < queue
                ? .shared : .local
        }
    }
    .with {
        $0.knobs = [.maxLocalPrefill, .maxPrefillQueue]
        $0.localPrefill = .chunked
    }

    /// Dynamo from 1.4: local where little is left after the cache, or where prefill is busy.
    static let dynamoConditionalV1 = Self(
        "dynamo_conditional_v1",
        "Local where little of the prompt is new or prefill workers are busy."
    ) { policy, _ in
        let rule = DynamoConditionalRule(policy)
        return { rule.route($0) }
    }
    .with {
        $0.knobs = [
            .conditionalMode, .localBelowTokens, .localBelowShare, .prefillBusyTokens,
            .decodeBusyShare,
        ]
        $0.localPrefill = .chunked
    }
}

/// The decision of Dynamo's conditional disaggregation from 1.4 on.
struct DynamoConditionalRule: Sendable {
    private let byLength: Bool
    private let byLoad: Bool
    private let below: (tokens: Double, share: Double)
    private let prefillBusy: Double
    private let decodeBusy: Double

    init(_ policy: ServingPolicy) {
        let mode = Int(policy[.conditionalMode])
        byLength = mode != 1
        byLoad = mode != 0
        below = (policy[.localBelowTokens], policy[.localBelowShare])
        prefillBusy = policy[.prefillBusyTokens]
        decodeBusy = policy[.decodeBusyShare]
    }

    func route(_ view: RoutingView) -> Route {
        guard let chosen = view.cheapestRemote() else { return .local }
        let isShort =
            Double(view.round.increment) < below.tokens
            && Double(view.round.increment) < below.share * Double(view.round.prompt)
        let isBusy = Double(view.prefill[chosen].tokens) > prefillBusy
        let wantsLocal = (byLength && isShort) || (byLoad && isBusy)
        return wantsLocal && view.home.memoryInUse <= decodeBusy ? .local : .remote(chosen)
    }
}

extension PolicyKnob {
    public static let maxLocalPrefill = Self(
        "max_local_prefill_tokens", .number(0...1e9, isOpen: false), standard: 1000, unit: "tokens",
        meaning: "Longest increment that is always prefilled locally.",
        origin: "Dynamo 0.3 disaggregated router; its example configurations ship 10")
    public static let maxPrefillQueue = Self(
        "max_prefill_queue", .whole(0...1_000_000), standard: 2, unit: "tasks",
        meaning: "Length of the shared queue from which on prefills stay local.",
        origin: "Dynamo 0.3 disaggregated router")
    static let conditionalMode = Self(
        "conditional_mode", .choice(["isl_bounding", "prefill_load", "isl_or_load"]), standard: 0,
        meaning: "What makes a prefill local: its length, busy prefill workers, or either.",
        origin: "Dynamo 1.4 conditional disaggregation")
    static let localBelowTokens = Self(
        "local_below_tokens", .number(0...1e9, isOpen: false), standard: 2048, unit: "tokens",
        meaning: "Increments below it may be local.",
        origin: "Dynamo 1.4 conditional disaggregation")
    static let localBelowShare = Self(
        "local_below_share", .number(0...1, isOpen: false), standard: 0.7,
        meaning: "Share of the prompt below which increments may be local.",
        origin: "Dynamo 1.4 conditional disaggregation")
    static let prefillBusyTokens = Self(
        "prefill_busy_tokens", .number(0...1e9, isOpen: false), standard: 16_384, unit: "tokens",
        meaning: "Prompt tokens on a prefill worker above which it is busy.",
        origin: "Dynamo's early-2026 queue threshold: twice max_num_batched_tokens")
    static let decodeBusyShare = Self(
        "decode_busy_share", .number(0...1, isOpen: false), standard: 1,
        meaning: "Share of a decode worker's KV blocks counted on above which nothing stays local.",
        origin: "Dynamo 1.4 conditional disaggregation; unset there")
}

extension ServingPolicy.Name {
    public static let dynamoConditionalV0 = PolicyDefinition.dynamoConditionalV0.name
    public static let dynamoConditionalV1 = PolicyDefinition.dynamoConditionalV1.name
}
