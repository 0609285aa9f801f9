/// Steps that compute parts of prompts beside decoding sequences.
extension WorkerCosts {
    /// Nanoseconds that parts of prompts add to a step in which `batch` sequences decode.
    ///
    /// Without a batch they are a prefill step of their own. Beside one the operators over tokens
    /// run once for both, so that only the tokens more are paid; attention and what runs once per
    /// sequence is paid in full. The whole step takes `decodeStepTime` more. Never negative.
    ///
    /// - Precondition: `chunks` is not empty.
    @inlinable
    public func timeAdded(
        by chunks: some Collection<(history: Int, increment: Int)>, beside batch: Int
    ) -> Double {
        guard batch > 0 else { return max(0, prefillTime(of: chunks)) }
        // The host is in the time of the decode step already.
        let alone = curves.prefill.computing(chunks)
        let tokens = chunks.reduce(0) { $0 + $1.increment }
        return max(
            0,
            alone + prefillTokenTime(tokens + batch) - prefillTokenTime(tokens)
                - prefillTokenTime(batch))
    }
}
