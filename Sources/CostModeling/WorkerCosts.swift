public import ServingDomain

/// The time cost functions of one worker (§3): T_prefill and T_decode at its degree.
public struct WorkerCosts: Hashable, Sendable {
    public let degree: TensorParallelDegree
    public let prefill: PhaseCosts
    public let decode: PhaseCosts
    /// Added to every time to first token outside the steps: tokenizer, HTTP, first chunk.
    public let firstToken: Duration

    public init(
        degree: TensorParallelDegree, prefill: PhaseCosts, decode: PhaseCosts,
        firstToken: Duration = .zero
    ) {
        self.degree = degree
        self.prefill = prefill
        self.decode = decode
        self.firstToken = firstToken
    }

    /// Time to prefill `increment` tokens on top of `history` cached tokens, in nanoseconds.
    ///
    /// Cost function (i) of §3 on an idle worker; queueing and KV transfer are not included.
    public func prefillTime(history: Int, increment: Int) -> Double {
        prefill.time(tokens: increment, cached: history)
    }

    /// Time of one step that prefills several sequences together, in nanoseconds.
    public func prefillTime(
        of sequences: some Collection<(history: Int, increment: Int)>
    ) -> Double {
        prefill.time(sequences: sequences)
    }

    /// Time of one decode step in nanoseconds.
    ///
    /// Cost function (ii) of §3 with the context as a second argument, because a step reads the
    /// whole KV cache of its batch. Attention is evaluated at the mean context.
    public func decodeStepTime(batch: Int, totalContext: Int) -> Double {
        decode.time(tokens: batch, cached: totalContext / max(batch, 1))
    }
}
