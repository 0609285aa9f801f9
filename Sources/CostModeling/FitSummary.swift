public import ServingDomain

/// How well the curves of one kind and format predict, over all shapes together.
public struct FitSummary: Hashable, Sendable {
    public let kind: String
    public let format: String
    public let shapes: Int
    public let samples: Int
    public let knots: Int
    public let heldOut: Int
    /// Median and 95th percentile of |predicted − measured| / measured over the held-out points of all
    /// shapes; over the shapes' own medians and P95s where a file holds nothing else.
    public let medianError: Double?
    public let p95Error: Double?
    /// Median over the shapes of what monotonicity costs in median error.
    public let monotoneCost: Double
    /// Smallest and largest abscissa of any knot, in the unit of the kind's first axis.
    public let range: ClosedRange<Double>
}

extension ProfileFit {
    /// One summary per kind and format, in the order of `OperatorRecord.kinds`.
    public var summaries: [FitSummary] {
        let groups = Dictionary(grouping: shapes) { shape in
            [shape.record.kind, shape.record.format]
        }
        let keys = groups.keys.sorted { lhs, rhs in
            let order = OperatorRecord.kinds
            let ranks = (order.firstIndex(of: lhs[0]) ?? 0, order.firstIndex(of: rhs[0]) ?? 0)
            return ranks.0 != ranks.1 ? ranks.0 < ranks.1 : lhs[1] < rhs[1]
        }
        return keys.map { key in
            summary(key[0], key[1], (groups[key] ?? []).compactMap { entries[$0] })
        }
    }

    private func summary(_ kind: String, _ format: String, _ entries: [Entry]) -> FitSummary {
        let qualities = entries.map(\.quality)
        let ranges = entries.map(\.curve.range)
        let errors = entries.flatMap(\.heldOutErrors).sorted()
        let low = ranges.map(\.lowerBound).min() ?? 0
        return FitSummary(
            kind: kind, format: format, shapes: entries.count,
            samples: qualities.reduce(0) { $0 + $1.samples },
            knots: qualities.reduce(0) { $0 + $1.knots },
            heldOut: qualities.reduce(0) { $0 + $1.heldOut },
            medianError: errors.isEmpty
                ? quantile(qualities.compactMap(\.medianError).sorted(), 0.5)
                : quantile(errors, 0.5),
            p95Error: errors.isEmpty
                ? quantile(qualities.compactMap(\.p95Error).sorted(), 0.95)
                : quantile(errors, 0.95),
            monotoneCost: quantile(qualities.map(\.monotoneCost).sorted(), 0.5) ?? 0,
            range: low...max(low, ranges.map(\.upperBound).max() ?? low))
    }

    /// Curves that claim more arithmetic than the GPU's peak, with the worst ratio.
    ///
    /// Each is a defect of the profile. Small shapes that live in a cache may beat the memory bandwidth, and are not
    /// counted.
    public func defects(_ roofline: Roofline) -> [(shape: OperatorShape, ratio: Double)] {
        shapes.compactMap { shape in
            guard !shape.isTransfer, let curve = entries[shape]?.curve else { return nil }
            let ratios = curve.knotPoints.map { point in
                let floor = shape.work(at: point).flops / roofline.peak(shape) * 1e9
                return floor / curve(point)
            }
            guard let worst = ratios.max(), worst > 1 else { return nil }
            return (shape, worst)
        }
    }
}

extension OperatorCurve {
    /// First and last knot of the first axis.
    public var range: ClosedRange<Double> {
        switch form {
        case .line(let line), .pairs(let line): return line.xs[0]...line.lastKnot
        case .family(let family): return family.xs[0]...family.xs[family.xs.count - 1]
        }
    }

    /// The points at the knots; none for a function of pairs, whose knots are no points.
    var knotPoints: [OperatorPoint] {
        switch form {
        case .line(let line): return line.xs.map { OperatorPoint(x: Int($0)) }
        case .pairs: return []
        case .family(let family):
            return zip(family.xs, family.members).flatMap { x, member in
                member.xs.map { OperatorPoint(x: Int(x), y: Int($0)) }
            }
        }
    }
}
