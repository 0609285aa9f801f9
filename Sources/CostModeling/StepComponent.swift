public import ServingDomain

/// One operator of a step with the curve that was found for it.
///
/// The only place that says how long an operator takes: what reports print and what the compiled
/// `PhaseCosts` add up are both this.
public struct StepComponent: Hashable, Sendable {
    public let phase: Phase
    public let use: OperatorUse
    public let resolved: ResolvedCurve
    /// The curve inside the engine, going on beyond its fitted range but never below the physical
    /// floor.
    public let curve: OperatorCurve
    /// What the engine's version has in its place, and what takes longer; none but of experts in decode.
    public let slower: [SlowerExperts]
    /// How well its time is known: of kernels that were not timed themselves no better than of a neighbour.
    public var trust: Trust {
        slower.isEmpty ? resolved.trust : Trust.weaker(resolved.trust, .neighbour)
    }
    /// Nanoseconds per token of context that reading a cached history takes at least.
    public let readFloor: Double

    init(
        phase: Phase, use: OperatorUse, resolved: ResolvedCurve, roofline: Roofline,
        overhead: EngineOverhead = .none
    ) {
        self.phase = phase
        self.use = use
        self.resolved = resolved
        let factors = EngineFactors(overhead: overhead, roofline: roofline)
        slower = phase == .decode ? factors.slower(use.shape, resolved.kernels) : []
        curve = factors.inside(
            BeyondFit(roofline: roofline).extended(resolved.curve), phase, from: resolved)
        readFloor = phase == .prefill ? roofline.readFloor(use.shape) : 0
    }

    /// Nanoseconds of all executions in a step of one sequence (prefill) or one batch (decode).
    ///
    /// - Parameters:
    ///   - tokens: increment or batch.
    ///   - cached: history, or mean context per sequence.
    /// - Returns: the time of one execution times their number.
    public func time(tokens: Int, cached: Int) -> Double {
        let point = point(tokens: tokens, cached: cached)
        let time = curve(point)
        return Double(use.count) * max(time, readFloor * Double(point.x + point.y))
    }

    /// Share of a step's time that may lie outside the fitted ranges before the step counts so.
    static let tolerance = 0.1

    /// Most tokens in a step that the curve was fitted for; nil where they are not its argument.
    var lastTokens: Double? {
        guard case .line(let line) = resolved.curve.form else { return nil }
        switch use.extent {
        case .tokens, .ranks: return line.lastKnot
        case .message(let bytes), .ranksMessage(let bytes): return line.lastKnot / Double(bytes)
        case .sampled: return phase == .decode ? line.lastKnot : nil
        case .attention, .context: return nil
        }
    }

    /// Whether the point lies inside the range that the curve was fitted for.
    public func covers(tokens: Int, cached: Int) -> Bool {
        resolved.curve.covers(point(tokens: tokens, cached: cached))
    }

    /// Arithmetic and traffic of all executions.
    public func work(tokens: Int, cached: Int) -> Work {
        use.shape.work(at: point(tokens: tokens, cached: cached)) * Double(use.count)
    }

    private func point(tokens: Int, cached: Int) -> OperatorPoint {
        use.point(tokens: tokens, cached: cached, sampled: phase == .prefill ? 1 : tokens)
    }
}

extension Roofline {
    /// Nanoseconds per cached token to read a full-attention KV cache once at full bandwidth.
    fileprivate func readFloor(_ shape: OperatorShape) -> Double {
        guard case .prefillAttention(let attention, _) = shape, attention.window == 0 else {
            return 0
        }
        let bytes =
            2 * Double(attention.kvHeads * attention.headDimension)
            * attention.kvFormat.bytesPerValue
        return bytes / hardware.memoryBandwidth.bytesPerSecond * 1e9
    }
}
