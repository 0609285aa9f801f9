extension OracleScenario.Policy {
    /// Policies and dispatches on which both implementations agree so far.
    static let names = [
        "always_remote", "always_remote_legacy", "always_local", "always_local_after_first",
        "ampd_routing", "ampd_reordering", "ampd", "colocated_v0", "colocated_v1",
        "dynamo_conditional_v0", "dynamo_conditional_v1",
    ]
    static let dispatches = [
        "least_used_memory", "least_used_memory", "session_sticky", "session_sticky",
        "least_loaded", "round_robin", "weighted_round_robin", "random", "prefix_aware",
    ]

    init(_ draw: inout Draw) {
        name = draw.one(of: Self.names)
        dispatch = draw.one(of: Self.dispatches)
        windowNs = Int64(draw.one(of: [20_000, 500_000]))
        stateDelayNs = Int64(draw.one(of: [0, 0, 5_000]))
        settings = [:]
        switch name {
        case "ampd": settings = Self.routing(&draw).merging(Self.reordering(&draw)) { $1 }
        case "ampd_routing": settings = Self.routing(&draw)
        case "ampd_reordering": settings = Self.reordering(&draw)
        case "dynamo_conditional_v0": settings = Self.sharedQueue(&draw)
        case "dynamo_conditional_v1": settings = Self.conditional(&draw)
        default: break
        }
    }

    private static func routing(_ draw: inout Draw) -> [String: Double] {
        [
            "prefill_slack": draw.one(of: [0.25, 0.875]),
            "decode_slack": draw.one(of: [0.25, 0.875]),
        ]
    }

    private static func reordering(_ draw: inout Draw) -> [String: Double] {
        [
            "reorder_window": draw.one(of: [1, 2, 3, 4]),
            "max_postponements": draw.one(of: [0, 1, 5]),
        ]
    }

    private static func sharedQueue(_ draw: inout Draw) -> [String: Double] {
        [
            "max_local_prefill_tokens": draw.one(of: [2, 50, 100]),
            "max_prefill_queue": draw.one(of: [1, 3]),
        ]
    }

    private static func conditional(_ draw: inout Draw) -> [String: Double] {
        [
            "conditional_mode": draw.one(of: [0, 1, 2]),
            "local_below_tokens": draw.one(of: [50, 100]),
            "local_below_share": draw.one(of: [0.5, 0.75, 1]),
            "prefill_busy_tokens": draw.one(of: [0, 100, 300]),
            "decode_busy_share": draw.one(of: [0.25, 0.5, 1]),
        ]
    }
}
