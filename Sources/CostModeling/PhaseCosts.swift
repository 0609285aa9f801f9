import ServingDomain

/// Time of one step of one phase at one degree, compiled for evaluation in a simulator's loop.
///
/// The operators that depend on the number of tokens alone are added up exactly into one
/// piecewise-linear function; attention is kept apart, one term per kind of layer.
public struct PhaseCosts: Hashable, Sendable {
    /// Attention of the layers of one kind.
    public struct AttentionTerm: Hashable, Sendable {
        /// Goes on beyond its fitted range, but never below the physical floor.
        public let curve: OperatorCurve
        /// The curve as it was fitted, which tells the range.
        public let fitted: OperatorCurve
        public let layers: Double
        /// Nanoseconds per cached token that reading the KV cache takes at least.
        public let readFloor: Double

        public init(
            curve: OperatorCurve, fitted: OperatorCurve, layers: Int, readFloor: Double
        ) {
            self.curve = curve
            self.fitted = fitted
            self.layers = Double(layers)
            self.readFloor = readFloor
        }

        func time(_ point: OperatorPoint) -> Double {
            let cached = Double(point.x + point.y)
            return layers * max(curve(point), readFloor * cached)
        }
    }

    /// Nanoseconds of everything but attention, as a function of tokens; host time included.
    public let linear: PiecewiseLinear
    public let attention: [AttentionTerm]
    /// Largest token count that every operator was fitted for.
    public let fittedTokens: Double

    public init(linear: PiecewiseLinear, attention: [AttentionTerm], fittedTokens: Double) {
        self.linear = linear
        self.attention = attention
        self.fittedTokens = fittedTokens
    }

    /// Nanoseconds at `tokens` (increment or batch) and `cached` (history or mean context).
    public func time(tokens: Int, cached: Int) -> Double {
        let point = OperatorPoint(x: tokens, y: cached)
        return attention.reduce(linear(Double(tokens))) { $0 + $1.time(point) }
    }

    /// Whether every operator's point lies inside its fitted range.
    public func covers(tokens: Int, cached: Int) -> Bool {
        let point = OperatorPoint(x: tokens, y: cached)
        return Double(tokens) <= fittedTokens && attention.allSatisfy { $0.fitted.covers(point) }
    }
}
