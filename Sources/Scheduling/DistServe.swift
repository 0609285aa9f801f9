public import ServingDomain

extension PolicyDefinition {
    /// Dispatch and batching of the DistServe simulator.
    static let distserve = Self(
        "distserve", "Prefill where the fewest requests are; decode steps with a token cap."
    ) { _, _ in
        { view in view.leastOccupied.map(Route.remote) ?? .local }
    }
    .with {
        $0.sight = [.prefillWorkers, .everyPrefillWorker]
        $0.mayPrefillLocally = false
        $0.knobs = [.prefillMaxBatch, .decodeTokenCap]
        $0.steps = { policy in
            StepRules(
                prefillBatch: .tasks(limit(policy, .prefillMaxBatch) ?? .max),
                prefetchesHistory: false, decodeTokenCap: limit(policy, .decodeTokenCap),
                firstTokenSite: .prefillDirect)
        }
    }

    /// The value of a knob of which 0 is no limit.
    private static func limit(_ policy: ServingPolicy, _ knob: PolicyKnob) -> Int? {
        policy[knob] > 0 ? Int(policy[knob]) : nil
    }
}

extension RoutingView {
    /// The prefill worker with the fewest tasks, waiting or computed, the lowest index at a tie.
    fileprivate var leastOccupied: Int? {
        var best: Int?
        for index in prefill.indices {
            if best.map({ prefill[index].tasks < prefill[$0].tasks }) ?? true { best = index }
        }
        return best
    }
}

extension PolicyKnob {
    public static let prefillMaxBatch = Self(
        "prefill_max_batch", .whole(0...1_000_000), standard: 0, unit: "tasks",
        meaning: "Most prompts that a prefill worker computes at once; 0 for all that wait.",
        origin: "DistServe's simulator takes whatever waits")
    public static let decodeTokenCap = Self(
        "decode_token_cap", .whole(0...1_000_000_000), standard: 50_000, unit: "tokens",
        meaning: "Most tokens that a decode step attends to; 0 for no limit.",
        origin: "DistServe's simulator")
}

extension ServingPolicy.Name {
    public static let distserve = PolicyDefinition.distserve.name
}
