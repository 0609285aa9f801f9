import ServingDomain

/// Layers that keep a state in place of a KV cache.
extension StepOperators {
    /// The operators of these layers.
    ///
    /// One product for queries, keys, values and the output gate, a small one for decays and rates of
    /// correction, the convolution with its activation, the recurrence, a norm that takes the gate in, and the
    /// product back, as vLLM and SGLang run the gated delta rule. Prompts of one step run together.
    func linearAttention(_ phase: Phase) -> [OperatorUse] {
        guard let linear = model.linearAttention else { return [] }
        let count = linear.layers
        let value = sharded(linear.valueWidth)
        let shape = RecurrenceShape(
            keyHeads: sharded(linear.keyHeads), valueHeads: sharded(linear.valueHeads),
            keyDimension: linear.keyDimension, valueDimension: linear.valueDimension,
            stateWidth: linear.stateFormat.bytes)
        return [
            use(
                "linear_projection",
                matrix(.attention, n: sharded(linear.mixedWidth) + value, k: model.hidden), count),
            use(
                "linear_rates",
                .gemm(n: 2 * sharded(linear.valueHeads), k: model.hidden, format: .bf16), count),
            use(
                "linear_convolution", elementwise(.activation, sharded(linear.mixedWidth)), count),
            use(
                "linear_attention",
                phase == .prefill ? .prefillRecurrence(shape) : .decodeRecurrence(shape), count),
            use("linear_norm", elementwise(.activation, value), count),
            use(
                "linear_output_projection", matrix(.attention, n: model.hidden, k: value), count),
        ]
    }
}
