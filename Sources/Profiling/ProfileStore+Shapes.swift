internal import GRDB
public import ServingDomain

extension ProfileStore {
    /// The shapes that a context has timings of, of one trust where it is given; by kind, format, variant and
    /// dimensions.
    public func shapes(
        in context: ProfileContext, trust: Trust? = nil
    ) throws(ProfilingError) -> [OperatorShape] {
        try read { db in
            try SeriesRow.all(in: context, kinds: nil, db)
                .filter { series in
                    guard let trust else { return true }
                    return try Self.hasSamples(of: series, trust, db)
                }
                .map { try shape(of: $0) }
        }
    }

    private static func hasSamples(
        of series: SeriesRow, _ trust: Trust, _ db: Database
    ) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (
                    SELECT 1 FROM samples JOIN batches ON batches.id = batch_id
                    WHERE series_id = ? AND trust = ?
                )
                """,
            arguments: [series.id, trust.rawValue]) ?? false
    }

    /// The samples of some shapes of a context, of one trust where it is given, in the order of `forEachSample`.
    public func samples(
        in context: ProfileContext, of shapes: Set<OperatorShape>, trust: Trust? = nil
    ) throws(ProfilingError) -> [TimingSample] {
        var samples: [TimingSample] = []
        try read { db in
            for series in try SeriesRow.all(in: context, kinds: nil, db) {
                let shape = try shape(of: series)
                guard shapes.contains(shape) else { continue }
                try Self.forEachPoint(of: series, trust: trust, db) { point, nanoseconds in
                    samples.append(
                        TimingSample(shape: shape, point: point, nanoseconds: nanoseconds))
                }
            }
        }
        return samples
    }
}
