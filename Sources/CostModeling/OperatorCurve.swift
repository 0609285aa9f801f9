public import ServingDomain

/// The time of one operator as a function of its point, in nanoseconds.
public struct OperatorCurve: Hashable, Sendable {
    /// The form of the function; the shape's kind decides it.
    public enum Form: Hashable, Sendable {
        /// One axis: tokens, bytes or sequences.
        case line(PiecewiseLinear)
        /// Prefill attention from tables without cached tokens: a function of the query-key pairs
        /// alone, so that an increment over a history costs what a prompt of equal work costs.
        case pairs(PiecewiseLinear)
        /// Two axes, both measured.
        case family(CurveFamily)
    }

    public let shape: OperatorShape
    public let form: Form

    public init(shape: OperatorShape, form: Form) {
        self.shape = shape
        self.form = form
    }

    /// Nanoseconds at a point, without any physical floor.
    @inline(__always)
    public func callAsFunction(_ point: OperatorPoint) -> Double {
        let (x, y) = (Double(point.x), Double(point.y))
        switch form {
        case .line(let line): return line(x)
        case .pairs(let line): return line(shape.pairs(x, y))
        case .family(let family): return family(x, y)
        }
    }

    /// Whether the point lies inside the fitted range.
    public func covers(_ point: OperatorPoint) -> Bool {
        let (x, y) = (Double(point.x), Double(point.y))
        switch form {
        case .line(let line): return line.covers(x)
        case .pairs(let line): return line.covers(shape.pairs(x, y))
        case .family(let family): return family.covers(x, y)
        }
    }

    public var knotCount: Int {
        switch form {
        case .line(let line), .pairs(let line): line.xs.count
        case .family(let family): family.members.reduce(0) { $0 + $1.xs.count }
        }
    }

    /// The same curve, for many evaluations.
    func compiled() -> Self {
        switch form {
        case .line(let line): Self(shape: shape, form: .line(line.compiled()))
        case .pairs(let line): Self(shape: shape, form: .pairs(line.compiled()))
        case .family(let family): Self(shape: shape, form: .family(family.compiled()))
        }
    }

    /// A kernel that takes `factor` times as long.
    func scaled(by factor: Double) -> Self {
        switch form {
        case .line(let line): Self(shape: shape, form: .line(line.scaled(by: factor)))
        case .pairs(let line): Self(shape: shape, form: .pairs(line.scaled(by: factor)))
        case .family(let family): Self(shape: shape, form: .family(family.scaled(by: factor)))
        }
    }

    /// Fits the samples of one shape.
    ///
    /// - Precondition: `samples` is not empty, all of one shape, with positive times.
    static func fit(
        _ shape: OperatorShape, _ samples: [TimingSample],
        knotPenalty: Double = MonotoneFit.usualPenalty
    ) -> Self {
        switch shape {
        case .decodeAttention, .prefillScores, .decodeScores:
            return Self(
                shape: shape, form: .family(.fit(samples.map(\.triple), knotPenalty: knotPenalty)))
        case .mixedDecodeAttention, .unevenDecodeAttention:
            // What they have over other tables at the same point is used: neighbours are not to move it.
            return Self(
                shape: shape,
                form: .family(
                    .fit(samples.map(\.triple), knotPenalty: knotPenalty, isRising: false)))
        case .prefillAttention:
            guard samples.contains(where: { $0.point.y > 0 }) else {
                let points = samples.map { (shape.pairs(Double($0.point.x), 0), $0.nanoseconds) }
                return Self(
                    shape: shape, form: .pairs(MonotoneFit(points, knotPenalty: knotPenalty).curve))
            }
            return Self(
                shape: shape, form: .family(.fit(samples.map(\.triple), knotPenalty: knotPenalty)))
        default:
            let points = samples.map { (Double($0.point.x), $0.nanoseconds) }
            return Self(
                shape: shape, form: .line(MonotoneFit(points, knotPenalty: knotPenalty).curve))
        }
    }
}

extension OperatorShape {
    /// Query-key pairs of causal attention over one sequence; `x` for other operators.
    func pairs(_ x: Double, _ y: Double) -> Double {
        guard case .prefillAttention(let shape, _) = self else { return x }
        return shape.pairsSeen(increment: x, history: y)
    }
}

extension TimingSample {
    fileprivate var triple: (x: Double, y: Double, time: Double) {
        (Double(point.x), Double(point.y), nanoseconds)
    }
}
