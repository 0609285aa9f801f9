public import ServingDomain

/// The time cost functions of one worker (§3): T_prefill and T_decode at its degree.
///
/// The curves are shared by all copies, so that a copy costs no more than a reference.
public struct WorkerCosts: Hashable, Sendable {
    public let degree: TensorParallelDegree
    /// Added to every time to first token outside the steps.
    public let firstToken: FirstTokenLatency
    @usableFromInline let curves: WorkerCurves

    public var prefill: PhaseCosts { curves.prefill }
    public var decode: PhaseCosts { curves.decode }

    public init(
        degree: TensorParallelDegree, prefill: PhaseCosts, decode: PhaseCosts,
        firstToken: FirstTokenLatency = FirstTokenLatency()
    ) {
        self.init(
            degree: degree, prefill: prefill, decode: decode, beside: .none, firstToken: firstToken)
    }

    init(
        degree: TensorParallelDegree, prefill: PhaseCosts, decode: PhaseCosts,
        beside: AttentionBeside, firstToken: FirstTokenLatency
    ) {
        self.degree = degree
        curves = WorkerCurves(prefill, decode, beside)
        self.firstToken = firstToken
    }

    private init(_ other: Self) {
        degree = other.degree
        firstToken = other.firstToken
        curves = WorkerCurves(other.prefill, other.decode, other.curves.beside)
    }

    /// The same costs behind a reference of their own.
    ///
    /// Threads that evaluate the same one would wait for each other to count who uses it.
    public var unshared: Self { Self(self) }

    public static func == (lhs: Self, rhs: Self) -> Bool {
        lhs.degree == rhs.degree && lhs.firstToken == rhs.firstToken
            && (lhs.curves === rhs.curves
                || (lhs.prefill == rhs.prefill && lhs.decode == rhs.decode
                    && lhs.curves.beside == rhs.curves.beside))
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(degree)
        hasher.combine(prefill)
        hasher.combine(decode)
    }

    /// Time to prefill `increment` tokens on top of `history` cached tokens, in nanoseconds.
    ///
    /// Cost function (i) of §3 on an idle worker; queueing and KV transfer are not included.
    public func prefillTime(history: Int, increment: Int) -> Double {
        curves.prefill.time(tokens: increment, cached: history)
    }

    /// Time of one step that prefills several sequences together, in nanoseconds.
    @inlinable
    public func prefillTime(
        of sequences: some Collection<(history: Int, increment: Int)>
    ) -> Double {
        curves.notBelowHost(curves.computing(sequences), sequences: sequences.count)
    }

    /// Whether ranks of an engine compute something together.
    public var isShared: Bool { curves.prefill.shared != nil || curves.decode.shared != nil }

    /// Whether a prefill lies inside the fitted ranges of the costs.
    public func coversPrefill(history: Int, increment: Int) -> Bool {
        curves.prefill.covers(tokens: increment, cached: history)
    }

    /// Largest token count of a prefill step that lies inside the fitted ranges.
    public var fittedPrefillTokens: Double { curves.prefill.fittedTokens }

    /// Time of one decode step in nanoseconds.
    ///
    /// Cost function (ii) of §3 with the context as a second argument, because a step reads the
    /// whole KV cache of its batch. Attention is evaluated at the mean context in whole tokens.
    public func decodeStepTime(batch: Int, totalContext: Int) -> Double {
        let mean = totalContext / max(batch, 1)
        let time = curves.decode.time(tokens: batch, cached: mean)
        guard let line = curves.decode.given?.value.lines?.line(batch: batch) else { return time }
        return time + line.perContextToken * Double(totalContext - mean * batch)
    }
}
