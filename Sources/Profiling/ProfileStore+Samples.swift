internal import Crypto
internal import GRDB
public import ServingDomain

extension ProfileStore {
    /// What the store holds, by GPU, engine, version and trust.
    public func contexts() throws(ProfilingError) -> [ContextSummary] {
        try read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT series.gpu, series.engine, series.engine_version, batches.trust,
                        count(DISTINCT series.id), count(*)
                    FROM samples
                    JOIN series ON series.id = samples.series_id
                    JOIN batches ON batches.id = samples.batch_id
                    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
                    """)
            return try rows.map { row in
                ContextSummary(
                    context: ProfileContext(gpu: row[0], engine: row[1], version: row[2]),
                    trust: try trust(row[3]), series: row[4], samples: row[5])
            }
        }
    }

    /// The samples of a context; see `forEachSample` for their order.
    ///
    /// - Parameters:
    ///   - context: what was measured.
    ///   - trust: samples of another are left out; nil takes all.
    ///   - kinds: operator kinds of `OperatorRecord.kinds` to take; nil takes all.
    /// - Returns: no samples where the store knows nothing of the context.
    /// - Throws: `damaged` for a series that is of no known shape.
    public func samples(
        in context: ProfileContext, trust: Trust? = nil, kinds: Set<String>? = nil
    ) throws(ProfilingError) -> [TimingSample] {
        var samples: [TimingSample] = []
        try forEachSample(in: context, trust: trust, kinds: kinds) { samples.append($0) }
        return samples
    }

    /// Calls `body` with every sample of a context, in an order that depends on the samples alone:
    /// by kind, format, variant, dimensions, x, y and latency.
    ///
    /// `body` must not call the store.
    public func forEachSample(
        in context: ProfileContext, trust: Trust? = nil, kinds: Set<String>? = nil,
        _ body: (TimingSample) -> Void
    ) throws(ProfilingError) {
        try read { db in
            for series in try SeriesRow.all(in: context, kinds: kinds, db) {
                let shape = try shape(of: series)
                try Self.forEachPoint(of: series, trust: trust, db) { point, nanoseconds in
                    body(TimingSample(shape: shape, point: point, nanoseconds: nanoseconds))
                }
            }
        }
    }

    /// SHA-256 in hexadecimal over all samples of a context: the same for the same samples,
    /// whichever files and in whichever order they came in.
    public func digest(of context: ProfileContext) throws(ProfilingError) -> String {
        try read { db in
            var hash = SHA256()
            for series in try SeriesRow.all(in: context, kinds: nil, db) {
                let record = series.record
                let sizes = record.dimensions.map(String.init).joined(separator: ",")
                let name = [record.kind, record.format, record.variant, sizes]
                var bytes = Array((name.joined(separator: "\n") + "\n\n").utf8)
                try Self.forEachPoint(of: series, trust: nil, db) { point, nanoseconds in
                    bytes.append(littleEndian: UInt64(bitPattern: Int64(point.x)))
                    bytes.append(littleEndian: UInt64(bitPattern: Int64(point.y)))
                    bytes.append(littleEndian: nanoseconds.bitPattern)
                }
                withUnsafeBytes(of: UInt64(bytes.count).littleEndian) {
                    hash.update(bufferPointer: $0)
                }
                bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
            }
            return hash.finalize().hexadecimal
        }
    }

    /// The points of one curve by x, y and latency; only those of one trust where it is given.
    static func forEachPoint(
        of series: SeriesRow, trust: Trust?, _ db: Database,
        _ body: (OperatorPoint, Double) -> Void
    ) throws {
        let statement = try db.cachedStatement(
            sql: """
                SELECT x, y, latency_ns FROM samples
                WHERE series_id = ?1
                AND (?2 IS NULL OR batch_id IN (SELECT id FROM batches WHERE trust = ?2))
                ORDER BY x, y, latency_ns
                """)
        let rows = try Row.fetchCursor(statement, arguments: [series.id, trust?.rawValue])
        while let row = try rows.next() {
            body(OperatorPoint(x: row[0], y: row[1]), row[2])
        }
    }

    func shape(of series: SeriesRow) throws(ProfilingError) -> OperatorShape {
        guard let shape = OperatorShape(series.record) else {
            throw .damaged(path: path, detail: "series \(series.id) is of no known shape")
        }
        return shape
    }

    func trust(_ name: String) throws(ProfilingError) -> Trust {
        guard let trust = Trust(rawValue: name) else {
            throw .damaged(path: path, detail: "a batch has the unknown trust \(name.quoted)")
        }
        return trust
    }
}

extension [UInt8] {
    fileprivate mutating func append(littleEndian value: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}
