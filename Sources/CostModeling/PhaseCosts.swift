import ServingDomain

/// Host time of a step that runs beside the GPU.
public struct HiddenHost: Hashable, Sendable {
    /// Nanoseconds by sequences.
    let line: PiecewiseLinear
    /// In a decode step every token is a sequence.
    let phase: Phase

    func time(sequences: Int) -> Double { line(Double(sequences)) }
}

/// Time of one step of one phase at one degree, compiled for evaluation in a simulator's loop.
///
/// The operators that depend on one number of tokens are added up exactly into piecewise-linear
/// functions; attention is kept apart, one term per kind of layer.
public struct PhaseCosts: Hashable, Sendable {
    /// Attention of the layers of one kind.
    public struct AttentionTerm: Hashable, Sendable {
        /// Goes on beyond its fitted range, but never below the physical floor.
        let curve: OperatorCurve
        /// The curve as it was fitted, which tells the range.
        let fitted: OperatorCurve
        let layers: Double
        /// Nanoseconds per cached token that reading the KV cache takes at least.
        let readFloor: Double

        /// A given curve that needs no floor.
        public init(curve: OperatorCurve, layers: Int) {
            self.curve = curve
            fitted = curve
            self.layers = Double(layers)
            readFloor = 0
        }

        init(_ component: StepComponent) {
            curve = component.curve.compiled()
            fitted = component.resolved.curve
            layers = Double(component.use.count)
            readFloor = component.readFloor
        }

        func time(_ point: OperatorPoint) -> Double {
            let cached = Double(point.x + point.y)
            return layers * max(curve(point), readFloor * cached)
        }
    }

    /// Nanoseconds of what depends on the tokens of the step; host time included.
    public internal(set) var linear: PiecewiseLinear
    /// The part of `linear` that data-parallel ranks compute together, by the tokens of all of them;
    /// nil where a rank computes everything by itself.
    public internal(set) var shared: PiecewiseLinear?
    /// Nanoseconds of what runs once per sequence of a prefill step; in decode part of `linear`.
    public internal(set) var sampled: PiecewiseLinear?
    /// Nanoseconds of what is computed for new and cached tokens of a sequence alike.
    public internal(set) var context: PiecewiseLinear?
    public internal(set) var attention: [AttentionTerm]
    /// Largest token count at which operators inside their fitted range take nine tenths of the
    /// time or more.
    public internal(set) var fittedTokens: Double
    /// Largest sum of new and cached tokens that every operator of `context` was fitted for.
    public internal(set) var fittedContext = Double.infinity
    /// The host where it works while the GPU computes: no step is shorter than its time.
    public internal(set) var host: HiddenHost?
    /// What was stated instead of fitted.
    public internal(set) var given: GivenTerms?

    public init(linear: PiecewiseLinear, attention: [AttentionTerm], fittedTokens: Double) {
        self.linear = linear
        self.attention = attention
        self.fittedTokens = fittedTokens
    }

    /// Adds what data-parallel ranks compute together, by the tokens of all of them; a rank alone is
    /// all there is.
    public mutating func share(_ line: PiecewiseLinear) {
        linear = linear + line
        shared = shared.map { $0 + line } ?? line
    }

    /// Nanoseconds at `tokens` (increment or batch) and `cached` (history or mean context).
    @inline(__always)
    public func time(tokens: Int, cached: Int) -> Double {
        let computed = bounded(
            ofSequence(tokens: tokens, cached: cached, linear(Double(tokens)) + (sampled?(1) ?? 0)))
        guard let host else { return computed }
        return max(computed, host.time(sequences: host.phase == .decode ? tokens : 1))
    }

    /// Nanoseconds of what depends on the tokens of the step alone.
    public func tokenTime(_ tokens: Int) -> Double { linear(Double(tokens)) }

    /// Nanoseconds of one prefill step over several sequences.
    ///
    /// - Precondition: `sequences` is not empty.
    @inlinable
    public func time(sequences: some Collection<(history: Int, increment: Int)>) -> Double {
        notBelowHost(computing(sequences), sequences: sequences.count)
    }

    /// Nanoseconds that the GPU computes in such a step, whatever a hidden host does meanwhile.
    @inlinable
    func computing(_ sequences: some Collection<(history: Int, increment: Int)>) -> Double {
        let tokens = sequences.reduce(0) { $0 + $1.increment }
        return bounded(
            sequences.reduce(ofAll(tokens: tokens, sequences: sequences.count)) {
                ofSequence(tokens: $1.increment, cached: $1.history, $0)
            })
    }

    /// A step takes as long as the host where that is longer.
    @usableFromInline
    @inline(__always)
    func notBelowHost(_ time: Double, sequences: Int) -> Double {
        host.map { max(time, $0.time(sequences: sequences)) } ?? time
    }

    /// What the sequences of a prefill step cost together.
    @usableFromInline
    func ofAll(tokens: Int, sequences: Int) -> Double {
        linear(Double(tokens)) + (sampled?(Double(sequences)) ?? 0)
    }

    /// Formulas of the user may leave what a clock can hold; fitted curves do not.
    @usableFromInline
    @inline(__always)
    func bounded(_ time: Double) -> Double {
        given == nil ? time : min(max(0, time), GivenTerms.longestStep)
    }

    /// Adds what each sequence costs on its own to `sum`.
    @usableFromInline
    @inline(__always)
    func ofSequence(tokens: Int, cached: Int, _ sum: Double) -> Double {
        let point = OperatorPoint(x: tokens, y: cached)
        var expanded = context.map { sum + $0(Double(tokens + cached)) } ?? sum
        if let given { expanded += given.time(tokens: tokens, cached: cached) }
        return attention.reduce(expanded) { $0 + $1.time(point) }
    }

    /// Whether attention and nine tenths of everything else lie inside their fitted ranges.
    @inline(__always)
    public func covers(tokens: Int, cached: Int) -> Bool {
        let point = OperatorPoint(x: tokens, y: cached)
        return Double(tokens) <= fittedTokens && Double(tokens + cached) <= fittedContext
            && attention.allSatisfy { $0.fitted.covers(point) }
            && given?.covers(tokens: tokens, cached: cached) ?? true
    }
}
