public import ServingDomain

extension PolicyDefinition {
    /// vLLM before its V1 engine: prefill first, whole prompts.
    static let colocatedV0 = Self(
        "colocated_v0", "Replicas that prefill and decode; prompts first and whole (vLLM v0)."
    ) { _, _ in { _ in .local } }
    .with {
        $0.sight = []
        $0.layout = .colocated
        $0.localPrefill = .wholePrompts
        $0.dispatch = .sessionSticky
    }

    /// vLLM's V1 engine: decoding sequences first, prompts in chunks with what is left of the budget.
    static let colocatedV1 = Self(
        "colocated_v1",
        "Replicas that prefill and decode; chunks of prompts beside the batch (vLLM V1)."
    ) { _, _ in { _ in .local } }
    .with {
        $0.sight = []
        $0.layout = .colocated
        $0.localPrefill = .chunked
        $0.dispatch = .sessionSticky
    }
}

extension ServingPolicy.Name {
    public static let colocatedV0 = PolicyDefinition.colocatedV0.name
    public static let colocatedV1 = PolicyDefinition.colocatedV1.name
}
