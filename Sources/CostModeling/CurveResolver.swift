public import ServingDomain

/// The curve that stands for an operator, and how far it may be believed.
public struct ResolvedCurve: Hashable, Sendable {
    public let curve: OperatorCurve
    public let trust: Trust
    /// The measured shape that the curve was carried over from, where it was.
    public let neighbour: OperatorShape?
    /// Engine and version whose kernel was timed; nil of an analytic curve, or where nobody says.
    public private(set) var kernels: String?
    /// Whether rows are in it of experts that other GPUs have.
    public private(set) var hasAbsentRows = false

    /// Both, where they differ.
    private func kernels(and other: Self) -> String {
        let both = [kernels, other.kernels].compactMap(\.self)
        return kernels == other.kernels ? both.first ?? "" : both.joined(separator: " and ")
    }

    func timed(with kernels: String, absentRows: Bool = false) -> Self {
        var copy = self
        copy.kernels = kernels.isEmpty ? nil : kernels
        copy.hasAbsentRows = absentRows
        return copy
    }
}

extension ResolvedCurve {
    /// This curve, at most so much longer than another one that does the same.
    ///
    /// Public tables time products with scales of blocks outside a graph, so that a launch of 60 us hides what a
    /// step of few tokens pays, and experts with one scale per tensor without tuned kernels
    /// (docs/cost-model.md). Left as it is where one of them is no measured line, or has rows that the other has not.
    fileprivate func atMost(_ plain: ResolvedCurve, adding scales: Double) -> Self {
        guard trust != .analytic, plain.trust != .analytic, hasAbsentRows == plain.hasAbsentRows,
            case .line(let own) = curve.form,
            case .line(let other) = plain.curve.form
        else { return self }
        let capped = own.capped(by: other + .constant(scales))
        guard capped.xs.contains(where: { capped($0) < own($0) }) else { return self }
        return ResolvedCurve(
            curve: OperatorCurve(shape: curve.shape, form: .line(capped)),
            trust: Trust.weaker(Trust.weaker(trust, plain.trust), .neighbour),
            neighbour: plain.neighbour ?? plain.curve.shape
        ).timed(with: kernels(and: plain), absentRows: hasAbsentRows)
    }
}

/// Finds the best curve for a shape: its own, else a neighbour's, else the roofline.
public struct CurveResolver: Sendable {
    public let fit: ProfileFit
    public let roofline: Roofline
    private let measured: MeasuredShapes

    public init(fit: ProfileFit, roofline: Roofline) {
        self.fit = fit
        self.roofline = roofline
        measured = MeasuredShapes(fit.shapes)
    }

    /// - Parameters:
    ///   - shape: of an operator.
    ///   - rows: that kernels of dealt-out experts go over.
    /// - Returns: the best curve for it.
    public func resolve(_ shape: OperatorShape, _ rows: ExpertRows = .asTimed) -> ResolvedCurve {
        Self.bounds(of: shape).reduce(best(shape, rows)) { found, bound in
            let other = best(bound, rows)
            if case .gemm = bound { return found.atMost(other, adding: Self.blockScales) }
            // Neighbours of experts are near enough to bound only what stands on the same block in another format.
            guard measured.areAlike(shape, bound, ownRows: rows.areOwn) else { return found }
            return found.atMost(other, adding: 0)
        }
    }

    /// Shapes that do the same in another format, and that a shape is taken to be no slower than.
    ///
    /// - Parameter shape: a product with scales of blocks, or experts with one scale per tensor.
    /// - Returns: none of any other shape.
    public static func bounds(of shape: OperatorShape) -> [OperatorShape] {
        switch shape {
        case .gemm(let n, let k, .fp8Block): [.gemm(n: n, k: k, format: .fp8)]
        case .experts(let experts) where experts.format == .fp8:
            [.experts(experts.stored(as: .fp8Block)), .experts(experts.stored(as: .bf16))]
        default: []
        }
    }

    /// Nanoseconds that scales of blocks cost a matrix product more than one scale per tensor.
    private static let blockScales = 3000.0

    private func best(_ shape: OperatorShape, _ rows: ExpertRows) -> ResolvedCurve {
        guard let standIn = standIn(for: shape, rows), let entry = fit.entries[standIn.shape],
            !roofline.isBetweenNodes(shape) || !standIn.shape.isInsideNode
        else {
            return analytic(shape)
        }
        if let whole = shape.onOneGPU, standIn.shape.isOnOneGPU {
            return dealt(shape, best(whole, rows))
        }
        let trust = entry.trust ?? fit.trust
        let found =
            switch standIn.relation {
            case .same:
                ResolvedCurve(curve: entry.curve, trust: trust, neighbour: nil)
            case .equivalent:
                ResolvedCurve(
                    curve: entry.curve, trust: Trust.weaker(trust, .neighbour),
                    neighbour: standIn.shape)
            case .neighbour:
                ResolvedCurve(
                    curve: shardTrend(shape, rows) ?? carried(entry.curve, to: shape),
                    trust: Trust.weaker(trust, .neighbour), neighbour: standIn.shape)
            }
        let hasRows = standIn.shape.hasAbsentRows && !rows.areThose(of: entry.kernels)
        return found.timed(with: entry.kernels, absentRows: hasRows)
    }

    /// The shape itself where the engine's own kernels were timed, with whatever rows they go over.
    private func standIn(
        for shape: OperatorShape, _ rows: ExpertRows
    ) -> MeasuredShapes.StandIn? {
        if let entry = fit.entries[shape], rows.areThose(of: entry.kernels) {
            return MeasuredShapes.StandIn(shape: shape, relation: .same)
        }
        return measured.standIn(for: shape, ownRows: rows.areOwn)
    }

    /// Experts that are dealt out, from all of them on one GPU.
    private func dealt(_ shape: OperatorShape, _ whole: ResolvedCurve) -> ResolvedCurve {
        ResolvedCurve(
            curve: carried(whole.curve, to: shape), trust: Trust.weaker(whole.trust, .neighbour),
            neighbour: whole.neighbour ?? whole.curve.shape
        ).timed(with: whole.kernels ?? "")
    }

    private func carried(_ curve: OperatorCurve, to shape: OperatorShape) -> OperatorCurve {
        NeighbourCurve(roofline: roofline, measured: curve, shape: shape).curve
    }

    /// Of timings that all have the rows that are wanted.
    private func shardTrend(_ shape: OperatorShape, _ rows: ExpertRows) -> OperatorCurve? {
        guard case .experts(let experts) = shape, !rows.areOwn || !experts.hasAbsentRows,
            let line = ShardTrend(fit).line(experts)
        else {
            return nil
        }
        return OperatorCurve(shape: shape, form: .line(line))
    }

    private func analytic(_ shape: OperatorShape) -> ResolvedCurve {
        let samples = AnalyticSamples(roofline: roofline).samples(of: shape)
        return ResolvedCurve(
            curve: samples.isEmpty
                ? OperatorCurve(shape: shape, form: .line(.constant(0)))
                : OperatorCurve.fit(shape, samples),
            trust: .analytic, neighbour: nil)
    }
}
