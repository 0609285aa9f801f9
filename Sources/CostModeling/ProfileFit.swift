public import ServingDomain

/// All curves fitted for one GPU type and engine, with their quality.
public struct ProfileFit: Sendable {
    /// One operator's curve and how well it predicts.
    public struct Entry: Hashable, Sendable {
        public let curve: OperatorCurve
        public let quality: FitQuality

        public init(curve: OperatorCurve, quality: FitQuality) {
            self.curve = curve
            self.quality = quality
        }
    }

    public let trust: Trust
    /// By shape; iterate `shapes` wherever order can reach a result.
    public private(set) var entries: [OperatorShape: Entry]
    /// In the order of kind, format, variant and dimensions.
    public let shapes: [OperatorShape]

    public init(trust: Trust, entries: [Entry]) {
        self.trust = trust
        self.entries = Dictionary(
            entries.map { ($0.curve.shape, $0) }, uniquingKeysWith: { first, _ in first })
        shapes = self.entries.keys.sorted { $0.record.sortKey < $1.record.sortKey }
    }

    /// Fits every shape among the samples, whose order does not matter.
    ///
    /// - Parameters:
    ///   - samples: timings of one GPU and engine.
    ///   - trust: how far they may be believed.
    ///   - knotPenalty: squared relative error that one more knot must save.
    /// - Returns: a curve with its quality for each shape.
    public static func fit(
        _ samples: [TimingSample], trust: Trust, knotPenalty: Double = MonotoneFit.usualPenalty
    ) -> Self {
        let groups = Dictionary(grouping: samples, by: \.shape)
        let entries = groups.map { shape, samples in
            Entry(shape: shape, samples: samples, knotPenalty: knotPenalty)
        }
        return Self(trust: trust, entries: entries)
    }

    /// The curves that `StepOperators` asks for, directly or as neighbours.
    public var usedBySteps: Self {
        let used = shapes.filter { shape in
            switch shape {
            case .prefillAttention(_, let batch): batch == 1
            case .experts(let experts): experts.distribution == StepOperators.usualSkew
            default: true
            }
        }
        return Self(trust: trust, entries: used.compactMap { entries[$0] })
    }

    /// Curves of this fit with those of `other` for shapes that this one lacks.
    public func filled(with other: Self) -> Self {
        Self(
            trust: Trust.weaker(trust, other.trust),
            entries: shapes.compactMap { entries[$0] }
                + other.shapes.compactMap { other.entries[$0] })
    }
}

extension ProfileFit.Entry {
    fileprivate init(shape: OperatorShape, samples: [TimingSample], knotPenalty: Double) {
        let curve = OperatorCurve.fit(shape, samples, knotPenalty: knotPenalty)
        let (seen, heldOut) = Self.split(shape, samples)
        let trial =
            heldOut.isEmpty
            ? nil : OperatorCurve.fit(shape, seen, knotPenalty: knotPenalty)
        let errors = trial.map { trial in relativeErrors(heldOut) { trial($0) } } ?? []
        self.init(
            curve: curve,
            quality: FitQuality(
                samples: samples.count, knots: curve.knotCount,
                heldOut: Set(heldOut.map(\.point)).count, medianError: quantile(errors, 0.5),
                p95Error: quantile(errors, 0.95),
                monotoneCost: Self.monotoneCost(samples, curve, knotPenalty)))
    }

    /// Training and held-out samples; the ends of the range are never held out.
    private static func split(
        _ shape: OperatorShape, _ samples: [TimingSample]
    ) -> (seen: [TimingSample], heldOut: [TimingSample]) {
        let xs = samples.map(\.point.x)
        let ys = samples.map(\.point.y)
        let ends = (xs.min(), xs.max(), ys.min(), ys.max())
        let isLine = ends.2 == ends.3
        var (seen, heldOut): ([TimingSample], [TimingSample]) = ([], [])
        for sample in samples {
            let point = sample.point
            let atEnd =
                point.x == ends.0 || point.x == ends.1
                || (!isLine && (point.y == ends.2 || point.y == ends.3))
            if !atEnd, shape.holdsOut(point) { heldOut.append(sample) } else { seen.append(sample) }
        }
        return seen.count < 3 ? (samples, []) : (seen, heldOut)
    }

    private static func monotoneCost(
        _ samples: [TimingSample], _ curve: OperatorCurve, _ knotPenalty: Double
    ) -> Double {
        guard case .line = curve.form else { return 0 }
        let points = samples.map { (Double($0.point.x), $0.nanoseconds) }
        let free = MonotoneFit(points, knotPenalty: knotPenalty).unconstrained
        let bound = quantile(relativeErrors(samples) { curve($0) }, 0.5) ?? 0
        let loose = quantile(relativeErrors(samples) { free(Double($0.x)) }, 0.5) ?? 0
        return bound - loose
    }
}

extension OperatorRecord {
    /// Order of shapes in every listing.
    var sortKey: String {
        let numbers = dimensions.map { dimension in
            let text = String(dimension)
            return String(repeating: "0", count: max(0, 12 - text.count)) + text
        }
        return ([kind, format, variant] + numbers).joined(separator: "\u{1}")
    }
}
