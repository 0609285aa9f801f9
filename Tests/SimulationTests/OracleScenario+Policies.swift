extension OracleScenario.Policy {
    /// Policies and dispatches on which both implementations agree so far.
    static let names = [
        "always_remote", "always_remote_legacy", "always_local", "always_local_after_first",
        "ampd_routing", "ampd_reordering", "ampd", "colocated_v0", "colocated_v1",
        "dynamo_conditional_v0", "dynamo_conditional_v1", "distserve", "ppd", "kairos",
        "continuum_code", "continuum_v6", "infercept",
    ]
    /// Those that have no prefill workers.
    static let colocated = [
        "colocated_v0", "colocated_v1", "continuum_code", "continuum_v6", "infercept",
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
        case "distserve": settings = ["decode_token_cap": draw.one(of: [0, 50, 200, 500])]
        case "kairos":
            settings = [
                "deflection_factor": draw.one(of: [1, 2]),
                "deflected_step_share": draw.one(of: [0.5, 1, 8]),
            ]
        case "ppd":
            settings = [
                "ttft_weight": draw.one(of: [0.5, 1]), "tpot_weight": draw.one(of: [0, 1]),
            ]
            table = Self.table(&draw)
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

    /// No rate lies in the middle of two, where rounding could decide.
    private static func table(_ draw: inout Draw) -> [OracleScenario.TableEntry] {
        let classes = ["tiny", "small_balanced", "medium_paste"].flatMap { shape in
            ["small", "large"].map { (context: $0, shape: shape) }
        }
        return [3_100.0, 9_700, 120_700].flatMap { rate in
            classes.compactMap { each in
                guard draw.integer(below: 6) > 0 else { return nil }
                let numbers = (0..<4).map { _ in Double(1 << draw.integer(below: 4)) }
                return OracleScenario.TableEntry(
                    context: each.context, shape: each.shape, rate: rate,
                    remote: .init(ttft: numbers[0], tpot: numbers[1]),
                    local: .init(ttft: numbers[2], tpot: numbers[3]))
            }
        }
    }
}
