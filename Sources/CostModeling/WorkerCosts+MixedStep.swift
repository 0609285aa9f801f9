/// Steps that compute parts of prompts beside decoding sequences.
extension WorkerCosts {
    /// Nanoseconds that parts of prompts add to a step in which sequences decode.
    ///
    /// Without a batch they are a prefill step of their own. Beside one the operators over tokens
    /// run once for both, so that only the tokens more are paid; attention and what runs once per
    /// sequence is paid in full, and attention of the batch takes longer beside a prompt where that
    /// was timed. The whole step takes `decodeStepTime` more. Never negative.
    ///
    /// - Parameters:
    ///   - chunks: cached and new tokens of each part.
    ///   - batch: sequences that decode in the step.
    ///   - context: tokens that they attend to together.
    /// - Returns: what the step takes longer.
    /// - Precondition: `chunks` is not empty.
    @inlinable
    public func timeAdded(
        by chunks: some Collection<(history: Int, increment: Int)>, beside batch: Int,
        context: Int
    ) -> Double {
        guard batch > 0 else { return max(0, prefillTime(of: chunks)) }
        // The host is in the time of the decode step already, but for launches that a graph spares it.
        let computed = max(
            0,
            curves.computing(chunks, beside: batch)
                + attentionAdded(batch: batch, context: context))
        return launchesKernels
            ? launched(computed, batch: batch, context: context, prompts: chunks.count) : computed
    }

    /// Whether steps with prompts launch their kernels one by one.
    @usableFromInline
    var launchesKernels: Bool { curves.prefill.launchesKernels }

    /// As much more as `computed`, or as launching the kernels of the whole step takes longer than the batch.
    @usableFromInline
    func launched(_ computed: Double, batch: Int, context: Int, prompts: Int) -> Double {
        let alone = decodeStepTime(batch: batch, totalContext: context)
        return curves.notBelowHost(computed + alone, sequences: batch + prompts) - alone
    }

    /// Nanoseconds that the attention of a batch takes longer beside a prompt.
    @usableFromInline
    func attentionAdded(batch: Int, context: Int) -> Double {
        curves.beside.isTimed ? curves.beside.added(batch: batch, context: context) : 0
    }
}
