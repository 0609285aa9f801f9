public import ServingDomain

extension ProfileStore {
    /// The shapes that a context has timings of, by kind, format, variant and dimensions.
    public func shapes(in context: ProfileContext) throws(ProfilingError) -> [OperatorShape] {
        try read { db in
            try SeriesRow.all(in: context, kinds: nil, db).map { try shape(of: $0) }
        }
    }

    /// The samples of some shapes of a context, in the order of `forEachSample`.
    public func samples(
        in context: ProfileContext, of shapes: Set<OperatorShape>
    ) throws(ProfilingError) -> [TimingSample] {
        var samples: [TimingSample] = []
        try read { db in
            for series in try SeriesRow.all(in: context, kinds: nil, db) {
                let shape = try shape(of: series)
                guard shapes.contains(shape) else { continue }
                try Self.forEachPoint(of: series, trust: nil, db) { point, nanoseconds in
                    samples.append(
                        TimingSample(shape: shape, point: point, nanoseconds: nanoseconds))
                }
            }
        }
        return samples
    }
}
