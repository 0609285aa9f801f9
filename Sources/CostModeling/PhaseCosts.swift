import ServingDomain

/// Host time of a step that runs beside the GPU: all of it where steps are formed ahead, else the launches
/// of kernels with what the GPU waits for before them.
struct LeastHostTime: Hashable, Sendable {
    /// Nanoseconds without any sequence.
    let empty: Double
    /// Nanoseconds with one.
    let single: Double
    /// In a decode step every token is a sequence.
    let phase: Phase
    /// Whether launching kernels one by one is part of it.
    var launchesKernels = false

    @inline(__always)
    func time(sequences: Int) -> Double { empty + Double(sequences) * (single - empty) }

    func scaled(by factor: Double) -> Self {
        Self(
            empty: empty * factor, single: single * factor, phase: phase,
            launchesKernels: launchesKernels)
    }
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

        /// As many times as many layers of the kind.
        func scaled(by factor: Double) -> Self {
            Self(curve: curve, fitted: fitted, layers: layers * factor, readFloor: readFloor)
        }

        private init(
            curve: OperatorCurve, fitted: OperatorCurve, layers: Double, readFloor: Double
        ) {
            (self.curve, self.fitted) = (curve, fitted)
            (self.layers, self.readFloor) = (layers, readFloor)
        }

        @inline(__always)
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
    /// Nanoseconds that a step with prompts takes longer, however many tokens and whoever decodes beside them.
    var perPromptStep = 0.0
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
    /// The host where it works, or launches kernels, while the GPU computes: no step is shorter than its time.
    var host: LeastHostTime?
    /// What was stated instead of fitted.
    var given: Shared<GivenTerms>?

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
            ofSequence(
                tokens: tokens, cached: cached,
                linear(Double(tokens)) + perPromptStep + (sampled?(1) ?? 0)))
        return notBelowHost(computed, sequences: host?.phase == .decode ? tokens : 1)
    }

    /// A step of so many sequences takes as long as the host where that is longer.
    @inline(__always)
    func notBelowHost(_ time: Double, sequences: Int) -> Double {
        guard let host else { return time }
        return max(time, host.time(sequences: sequences))
    }

    /// What the sequences of a prefill step cost together, more than `others` tokens that are in the
    /// step anyway.
    func ofAll(tokens: Int, sequences: Int, beside others: Int) -> Double {
        let together =
            linear(Double(tokens + others)) + perPromptStep + (sampled?(Double(sequences)) ?? 0)
        return others > 0 ? together - linear(Double(others)) : together
    }

    /// Whether the kernels of a step are launched one by one.
    var launchesKernels: Bool { host?.launchesKernels ?? false }

    /// Formulas of the user may leave what a clock can hold; fitted curves do not.
    @inline(__always)
    func bounded(_ time: Double) -> Double {
        given == nil ? time : min(max(0, time), GivenTerms.longestStep)
    }

    /// Adds what each sequence costs on its own to `sum`.
    @inline(__always)
    func ofSequence(tokens: Int, cached: Int, _ sum: Double) -> Double {
        let point = OperatorPoint(x: tokens, y: cached)
        var expanded = context.map { sum + $0(Double(tokens + cached)) } ?? sum
        if let given { expanded += given.value.time(tokens: tokens, cached: cached) }
        // By index: an element taken out of the array would be retained.
        for term in attention.indices { expanded += attention[term].time(point) }
        return expanded
    }

    /// Whether attention and nine tenths of everything else lie inside their fitted ranges.
    @inline(__always)
    public func covers(tokens: Int, cached: Int) -> Bool {
        let point = OperatorPoint(x: tokens, y: cached)
        return Double(tokens) <= fittedTokens && Double(tokens + cached) <= fittedContext
            && attention.allSatisfy { $0.fitted.covers(point) }
            && given?.value.covers(tokens: tokens, cached: cached) ?? true
    }
}
