import ServingDomain

/// Keys of the scheduling policy and of the search.
extension CaseFields {
    static let policy: [CaseField] = [
        CaseField("policy", .section, .none, "Who prefills, where and in which order."),
        CaseField(
            "policy.name", .word(ServingPolicy.Name.allCases.map(\.rawValue)),
            ours(.text(CaseDefaults.policy.name.rawValue)), "Named policy."),
        CaseField(
            "policy.prefill_slack", .number(.positive(to: 1)),
            ours(.number(CaseDefaults.policy.prefillSlack)),
            "Share of the TTFT bound under which a prefill worker has slack (alpha)."),
        CaseField(
            "policy.decode_slack", .number(.positive(to: 1)),
            ours(.number(CaseDefaults.policy.decodeSlack)),
            "Share of the ITL bound under which a decode worker has slack (beta)."),
        CaseField(
            "policy.window_s", .number(.from(0.001, to: 3600)), unit: "s",
            ours(.decimal(CaseDefaults.policy.window.inSeconds)),
            "Window over which latencies are averaged."),
        CaseField(
            "policy.reorder_window", .integer(1...5),
            ours(.integer(CaseDefaults.policy.reorderWindow)),
            "Tasks at the head of a queue that may change places (w)."),
        CaseField(
            "policy.max_postponements", .integer(0...1000),
            ours(.integer(CaseDefaults.policy.maxPostponements)),
            "Times that one task may be postponed (K)."),
        CaseField(
            "policy.state_delay_ms", .number(.from(0, to: 1e6)), unit: "ms",
            ours(.decimal(CaseDefaults.policy.stateDelay.inMilliseconds)),
            "Age of the cluster state that routing sees."),
    ]

    static let planning: [CaseField] = [
        CaseField("planning", .section, .none, "Settings of the search."),
        CaseField(
            "planning.tp", .degrees, .derived("1, 2, 4 and 8 as far as a node has GPUs"),
            "Tensor-parallel degrees to consider."),
        CaseField(
            "planning.dispatch", .word(Case.Planning.Dispatch.allCases.map(\.rawValue)),
            search(.text(CaseDefaults.planning.dispatch.rawValue)),
            "How load reaches the replicas of a phase when one is simulated alone."),
        CaseField(
            "planning.finalists", .integer(1...100),
            search(.integer(CaseDefaults.planning.finalists)),
            "Best deployments that are simulated whole."),
        CaseField(
            "planning.replications", .integer(1...1000),
            search(.integer(CaseDefaults.planning.replications)),
            "Independent runs of every simulation."),
        CaseField(
            "planning.sessions", .integer(10...1_000_000),
            search(.integer(CaseDefaults.planning.sessions)), "Measured sessions of each run."),
        CaseField(
            "planning.seed", .integer(0...9_007_199_254_740_991),
            search(.integer(Int(clamping: CaseDefaults.planning.seed))),
            "Seed of all randomness."),
    ]

    private static func ours(_ value: DocumentValue) -> CaseField.Fallback {
        .fixed(value, source: CaseDefaults.policySource)
    }

    private static func search(_ value: DocumentValue) -> CaseField.Fallback {
        .fixed(value, source: CaseDefaults.planningSource)
    }
}
