internal import GRDB
internal import ServingDomain

/// Adds samples of one context to a store, inside a transaction of the caller.
struct SampleWriter {
    private(set) var added = 0
    /// Samples that the store had already: same series, same point, same latency.
    private(set) var duplicates = 0

    private let db: Database
    private let context: ProfileContext
    private let batch: Int64
    private let insertSample: Statement
    private let insertSeries: Statement
    private let findSeries: Statement
    private var seriesIDs: [OperatorShape: Int64] = [:]

    init(_ db: Database, context: ProfileContext, batch: Int64) throws {
        self.db = db
        self.context = context
        self.batch = batch
        insertSample = try db.makeStatement(
            sql: "INSERT OR IGNORE INTO samples VALUES (?, ?, ?, ?, ?)")
        let key = SeriesRow.columns
        insertSeries = try db.makeStatement(
            sql: """
                INSERT INTO series (\(key.joined(separator: ", ")))
                VALUES (\(key.map { _ in "?" }.joined(separator: ", ")))
                """)
        findSeries = try db.makeStatement(
            sql: "SELECT id FROM series WHERE "
                + key.map { "\($0) = ?" }.joined(separator: " AND "))
    }

    /// Adds the samples of one row, all or none of them.
    ///
    /// - Parameters:
    ///   - samples: what the row yields.
    ///   - discarding: only checks the samples, where nothing of the file will be kept anyway.
    /// - Throws: `RowFault` before anything is added.
    mutating func write(_ samples: [TimingSample], discarding: Bool) throws {
        for sample in samples {
            try sample.checkPoint()
            if seriesIDs[sample.shape] == nil { try sample.shape.checkForStore() }
        }
        guard !discarding else { return }
        for sample in samples { try write(sample) }
    }

    private mutating func write(_ sample: TimingSample) throws {
        insertSample.setUncheckedArguments([
            try seriesID(of: sample.shape), sample.point.x, sample.point.y, sample.nanoseconds,
            batch,
        ])
        try insertSample.execute()
        if db.changesCount > 0 { added += 1 } else { duplicates += 1 }
    }

    private mutating func seriesID(of shape: OperatorShape) throws -> Int64 {
        if let known = seriesIDs[shape] { return known }
        let key = SeriesRow.arguments(shape.record, in: context)
        let id: Int64
        if let stored = try Int64.fetchOne(findSeries, arguments: key) {
            id = stored
        } else {
            try insertSeries.execute(arguments: key)
            id = db.lastInsertedRowID
        }
        seriesIDs[shape] = id
        return id
    }
}

extension TimingSample {
    /// Refuses a point that does not lie on a curve of the shape.
    fileprivate func checkPoint() throws(RowFault) {
        switch shape {
        case .decodeAttention, .mixedDecodeAttention, .unevenDecodeAttention, .decodeScores:
            guard point.y > 0 else { throw RowFault("y is \(point.y), expected a context above 0") }
        case .prefillAttention, .prefillScores: break
        default:
            guard point.y == 0 else {
                throw RowFault("y is \(point.y), expected 0: \(shape.record.kind) has one axis")
            }
        }
    }
}

extension OperatorShape {
    /// Refuses dimensions that later products could not hold, and text that no file could.
    fileprivate func checkForStore() throws(RowFault) {
        let record = record
        for (name, size) in zip(
            OperatorRecord.dimensionNames(of: record.kind) ?? [], record.dimensions)
        where size > TableRow.largestDimension
            || size < OperatorRecord.least(ofDimension: name)
        {
            throw RowFault(
                "\(name) of \(record.kind) is \(size), expected at most "
                    + "\(TableRow.largestDimension)")
        }
        let variant = record.variant.unicodeScalars
        guard variant.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw RowFault("the text \(record.variant.quoted) holds control characters")
        }
    }
}
