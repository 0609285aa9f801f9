internal import GRDB
internal import ServingDomain

/// One curve in the store: a shape in a context.
struct SeriesRow {
    let id: Int64
    let record: OperatorRecord

    static let dimensionColumns = ["d1", "d2", "d3", "d4", "d5", "d6"]
    static let columns =
        ["gpu", "engine", "engine_version", "kind", "format", "variant"] + dimensionColumns

    static func arguments(
        _ record: OperatorRecord, in context: ProfileContext
    ) -> StatementArguments {
        let padding = max(0, dimensionColumns.count - record.dimensions.count)
        let text = [
            context.gpu, context.engine, context.version, record.kind, record.format,
            record.variant,
        ]
        return StatementArguments(text)
            + StatementArguments(record.dimensions + Array(repeating: 0, count: padding))
    }

    /// The curves of a context in a fixed order: by kind, format, variant and dimensions.
    static func all(
        in context: ProfileContext, kinds: Set<String>?, _ db: Database
    ) throws -> [SeriesRow] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT id, kind, format, variant, d1, d2, d3, d4, d5, d6 FROM series
                WHERE gpu = ? AND engine = ? AND engine_version = ?
                ORDER BY kind, format, variant, d1, d2, d3, d4, d5, d6
                """,
            arguments: [context.gpu, context.engine, context.version])
        return rows.map(SeriesRow.init).filter { kinds?.contains($0.record.kind) ?? true }
    }

    private init(_ row: Row) {
        let kind: String = row[1]
        let count = OperatorRecord.dimensionNames(of: kind)?.count ?? 0
        let sizes: [Int] = (0..<count).map { row[4 + $0] }
        id = row[0]
        record = OperatorRecord(kind: kind, format: row[2], variant: row[3], dimensions: sizes)
    }
}
