public import ServingDomain

/// All curves fitted for one GPU type and engine, with their quality.
public struct ProfileFit: Sendable {
    /// One operator's curve and how well it predicts.
    public struct Entry: Hashable, Sendable {
        public let curve: OperatorCurve
        public let quality: FitQuality
        /// Engine and version whose kernel was timed; empty where nobody says.
        public internal(set) var kernels = ""
        /// How far it may be believed; nil where it is as its fit.
        public internal(set) var trust: Trust?
        /// Relative errors at the held-out points; none of a curve that was read from a file.
        let heldOutErrors: [Double]

        public init(curve: OperatorCurve, quality: FitQuality) {
            self.init(curve: curve, quality: quality, heldOutErrors: [])
        }

        init(curve: OperatorCurve, quality: FitQuality, heldOutErrors: [Double]) {
            self.curve = curve
            self.quality = quality
            self.heldOutErrors = heldOutErrors
        }
    }

    /// That of the curves that do not say it; the weakest of them.
    public let trust: Trust
    /// By shape; iterate `shapes` wherever order can reach a result.
    public private(set) var entries: [OperatorShape: Entry]
    /// In the order of kind, format, variant and dimensions.
    public let shapes: [OperatorShape]

    public init(trust: Trust, entries: [Entry]) {
        self.trust = trust
        self.entries = Dictionary(
            entries.map { ($0.curve.shape, $0) }, uniquingKeysWith: { first, _ in first })
        shapes = self.entries.keys.map { (key: $0.record.sortKey, shape: $0) }
            .sorted { $0.key < $1.key }.map(\.shape)
    }

    /// Fits every shape among the samples, whose order does not matter.
    ///
    /// - Parameters:
    ///   - samples: timings of one GPU and engine.
    ///   - wanted: shapes to fit; nil for all. Timings of others of their families fill gaps.
    ///   - trust: how far they may be believed.
    ///   - knotPenalty: squared relative error that one more knot must save.
    /// - Returns: a curve with its quality for each shape.
    public static func fit(
        _ samples: [TimingSample], of wanted: Set<OperatorShape>? = nil, trust: Trust,
        knotPenalty: Double = MonotoneFit.usualPenalty
    ) -> Self {
        let groups = Dictionary(grouping: samples, by: \.shape)
        let trials = groups.mapValues { Entry.split($0) }
        // A trial asks siblings without what is held out of them.
        let (all, seen) = (SiblingTimings(groups), SiblingTimings(trials.mapValues(\.seen)))
        let entries = groups.filter { wanted?.contains($0.key) ?? true }.map { shape, samples in
            Entry(
                shape: shape, samples: samples, gaps: all.missing(shape),
                trial: trials[shape].map { ($0.seen + seen.missing(shape), $0.heldOut) },
                knotPenalty: knotPenalty)
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

    /// The same curves as those of an engine's kernels.
    public func timed(with kernels: String) -> Self {
        changed { $0.kernels = kernels }
    }

    private func changed(_ change: (inout Entry) -> Void) -> Self {
        let changed = shapes.compactMap { shape -> Entry? in
            guard var entry = entries[shape] else { return nil }
            change(&entry)
            return entry
        }
        return Self(trust: trust, entries: changed)
    }

    /// What may stand behind the kernels of an engine.
    ///
    /// Engines add a residual and normalise in one kernel; timings of the two apart make its steps too long
    /// (docs/cost-model.md). What attention takes longer beside prompts, or over uneven contexts, is told by
    /// the kernel alone that the batch is computed with. Latents have kernels of their own in engines, which
    /// read them more than twice as fast as the collector's.
    public var behindEngine: Self {
        let kept = shapes.filter { shape in
            switch shape {
            case .elementwise(.norm, _), .elementwise(.residual, _), .mixedDecodeAttention,
                .unevenDecodeAttention:
                false
            case .decodeAttention(let attention): !attention.isOfLatents
            default: true
            }
        }
        return Self(trust: trust, entries: kept.compactMap { entries[$0] })
    }

    /// Curves of this fit with those of `other` for shapes that this one lacks, each with the trust it has.
    public func filled(with other: Self) -> Self {
        let (own, more) = (believed, other.believed)
        return Self(
            trust: Trust.weaker(trust, other.trust),
            entries: own.shapes.compactMap { own.entries[$0] }
                + more.shapes.compactMap { more.entries[$0] })
    }

    /// The same curves, each of which says how far it may be believed.
    private var believed: Self { changed { $0.trust = $0.trust ?? trust } }
}

extension ProfileFit.Entry {
    /// - Parameters:
    ///   - shape: of the operator.
    ///   - samples: all timings of it.
    ///   - gaps: points that others of its kind have between them.
    ///   - trial: the same without a fifth of the timings, and that fifth.
    ///   - knotPenalty: squared relative error that one more knot must save.
    fileprivate init(
        shape: OperatorShape, samples: [TimingSample], gaps: [TimingSample],
        trial: (seen: [TimingSample], heldOut: [TimingSample])?, knotPenalty: Double
    ) {
        let curve = OperatorCurve.fit(shape, samples + gaps, knotPenalty: knotPenalty)
        let heldOut = trial?.heldOut ?? []
        let seen = heldOut.isEmpty ? nil : trial?.seen
        let trial = seen.map { OperatorCurve.fit(shape, $0, knotPenalty: knotPenalty) }
        let errors = trial.map { trial in relativeErrors(heldOut) { trial($0) } } ?? []
        self.init(
            curve: curve,
            quality: FitQuality(
                samples: samples.count, knots: curve.knotCount,
                heldOut: Set(heldOut.map(\.point)).count, medianError: quantile(errors, 0.5),
                p95Error: quantile(errors, 0.95),
                monotoneCost: Self.monotoneCost(samples, curve, knotPenalty)),
            heldOutErrors: errors)
    }

    /// Training and held-out samples.
    ///
    /// The ends of a range are never held out, nor are those of any column of a table with two axes:
    /// nothing is claimed of what lies beyond.
    fileprivate static func split(
        _ samples: [TimingSample]
    ) -> (seen: [TimingSample], heldOut: [TimingSample]) {
        let xs = samples.map(\.point.x)
        let ends = (xs.min(), xs.max())
        let columns = Dictionary(grouping: samples, by: \.point.x).mapValues { column in
            let ys = column.map(\.point.y)
            return (ys.min(), ys.max())
        }
        let isLine = Set(samples.map(\.point.y)).count == 1
        var (seen, heldOut): ([TimingSample], [TimingSample]) = ([], [])
        for sample in samples {
            let point = sample.point
            let column = columns[point.x] ?? (nil, nil)
            let atEnd =
                point.x == ends.0 || point.x == ends.1
                || (!isLine && (point.y == column.0 || point.y == column.1))
            if !atEnd, sample.shape.holdsOut(point) {
                heldOut.append(sample)
            } else {
                seen.append(sample)
            }
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

extension AttentionShape {
    /// Whether it is of latents, as `StepOperators` writes them.
    ///
    /// They are one KV head of half the stored width, which is 288 for all models with latents that are known.
    /// Heads of other models have 256 at most.
    fileprivate var isOfLatents: Bool { kvHeads == 1 && headDimension > 256 }
}
