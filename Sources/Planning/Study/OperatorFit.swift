public import CostModeling
public import ServingDomain

/// Timings that costs were fitted on, as far as they are at hand.
public struct OperatorSamples: Sendable {
    /// The curves that were fitted on them; nil where there is nothing but formulas.
    let fit: ProfileFit?
    /// Looked up, never iterated.
    private let samples: [OperatorShape: [TimingSample]]

    public init(fit: ProfileFit? = nil, _ samples: [TimingSample] = []) {
        self.fit = fit
        self.samples = Dictionary(grouping: samples, by: \.shape)
    }

    subscript(shape: OperatorShape) -> [TimingSample] { samples[shape] ?? [] }
}

/// The curve of an operator over what it was fitted on, along one axis.
public struct OperatorFit: Hashable, Sendable {
    public struct Point: Hashable, Sendable {
        public let x: Double
        public let nanoseconds: Double
        public let isFitted: Bool
    }

    public struct Mark: Hashable, Sendable {
        public let x: Double
        public let nanoseconds: Double
    }

    /// Place in the layer, for example `qkv_projection`.
    public let name: String
    public let phase: Phase
    public let shape: OperatorShape
    /// The measured shape that it was carried over from, where it was.
    public let neighbour: OperatorShape?
    public let trust: Trust
    /// Share of the time of a typical step.
    public let share: Double
    /// What is held along the curve, such as `batch 32`; empty where there is one axis.
    public let held: String
    public let curve: [Point]
    /// Timings, carried over as the curve was; none where the profile kept only its curve.
    public let samples: [Mark]
    public let knots: [Mark]
    public let quality: FitQuality?

    /// Operators of each phase that are shown.
    static let perPhase = 2
}

extension StudyRuns {
    /// The operators that take most of a typical step of each phase.
    func operators(of layout: Deployment) -> [OperatorFit] {
        let prefill = layout.prefillGroups.first ?? layout.servingGroups.first
        return [(Phase.prefill, prefill), (.decode, layout.servingGroups.first)]
            .flatMap { phase, group in
                group.map { largest(costs.parts(of: $0.kind).filter { $0.phase == phase }) } ?? []
            }
    }

    /// Of a prefill of 2,048 tokens, or a decode step of 32 sequences of 2,048 tokens.
    private func largest(_ parts: [StepComponent]) -> [OperatorFit] {
        let times = parts.map { part in
            part.phase == .prefill
                ? part.time(tokens: 2048, cached: 0) : part.time(tokens: 32, cached: 2048)
        }
        let total = times.reduce(0, +)
        let order = parts.indices.sorted { (-times[$0], $0) < (-times[$1], $1) }
        return order.prefix(OperatorFit.perPhase).map {
            fit(parts[$0], share: total > 0 ? times[$0] / total : 0)
        }
    }

    private func fit(_ part: StepComponent, share: Double) -> OperatorFit {
        let curve = part.resolved.curve
        let slice = CurveSlice(curve)
        let timed = part.resolved.neighbour ?? curve.shape
        let entry = samples.fit?.entries[timed]
        let marks = samples[timed].filter { slice.holds($0.point) }.map { sample in
            // What was carried over is shown as the curve stands: by the same ratio.
            let own = entry?.curve(sample.point) ?? curve(sample.point)
            return OperatorFit.Mark(
                x: slice.x(sample.point),
                nanoseconds: sample.nanoseconds * (own > 0 ? curve(sample.point) / own : 1))
        }
        return OperatorFit(
            name: part.use.name, phase: part.phase, shape: curve.shape,
            neighbour: part.resolved.neighbour, trust: part.resolved.trust, share: share,
            held: slice.held, curve: slice.points, samples: marks, knots: slice.knots,
            quality: entry?.quality)
    }
}

/// A curve of one or two axes along one of them.
private struct CurveSlice {
    private let curve: OperatorCurve
    /// Batch that a decode curve is shown at, the member nearest to 32.
    private let batch: Double?

    init(_ curve: OperatorCurve) {
        self.curve = curve
        guard case .family(let family) = curve.form, !curve.isPrefill else {
            batch = nil
            return
        }
        batch = family.xs.min { abs($0 - 32) < abs($1 - 32) }
    }

    var held: String {
        if let batch { return "batch \(Int(batch))" }
        if case .line = curve.form { return "" }
        return "no cached tokens"
    }

    func holds(_ point: OperatorPoint) -> Bool {
        batch.map { Double(point.x) == $0 } ?? (!curve.isPrefill || point.y == 0)
    }

    func x(_ point: OperatorPoint) -> Double { Double(batch == nil ? point.x : point.y) }

    private func point(_ x: Double) -> OperatorPoint {
        batch.map { OperatorPoint(x: Int($0), y: Int(x)) } ?? OperatorPoint(x: Int(x))
    }

    /// Abscissae of the knots; of a function of pairs none is one.
    private var abscissae: [Double] {
        switch curve.form {
        case .line(let line): line.xs
        case .pairs: []
        case .family(let family):
            batch.flatMap { family.xs.firstIndex(of: $0) }.map { family.members[$0].xs }
                ?? family.xs
        }
    }

    var knots: [OperatorFit.Mark] {
        abscissae.filter { $0 >= 1 && $0 < 1e15 }.map {
            OperatorFit.Mark(x: $0, nanoseconds: curve(point($0)))
        }
    }

    /// Half-way in powers of two over the fitted range, and a factor of four beyond either end.
    var points: [OperatorFit.Point] {
        let known = abscissae.filter { $0 >= 1 && $0 < 1e15 }
        let (low, high) = (known.first ?? 16, known.last ?? 65_536)
        var (x, xs) = (max(1, (low / 4).rounded(.down)), [Double]())
        while x <= high * 4, xs.count < 200 {
            xs.append(x)
            x = max(x + 1, (x * 1.4142).rounded())
        }
        return Set(xs + known).sorted().map { x in
            OperatorFit.Point(
                x: x, nanoseconds: curve(point(x)), isFitted: curve.covers(point(x)))
        }
    }
}

extension OperatorCurve {
    fileprivate var isPrefill: Bool {
        if case .prefillAttention = shape { true } else { false }
    }
}
