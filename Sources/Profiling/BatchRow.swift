internal import Foundation
internal import GRDB
internal import ServingDomain

/// The record of an import while it is made.
struct BatchRow {
    let table: TimingsTable
    let origin: Origin
    let options: ImportOptions

    /// Adds the record with counts of zero, so that samples can refer to it; returns its number.
    func insert(_ db: Database) throws -> Int64 {
        let context = origin.context
        try db.execute(
            sql: """
                INSERT INTO batches (
                    file, sha256, gpu, engine, engine_version, adapter, trust, notes, imported_at,
                    tool_version, rows_read, samples_added, duplicates, refused
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0)
                """,
            arguments: [
                table.file.name, table.file.sha256, context.gpu, context.engine, context.version,
                table.layout.name, origin.trust.rawValue,
                table.comments.notes.joined(separator: "\n"), options.date.ISO8601Format(),
                options.toolVersion,
            ])
        return db.lastInsertedRowID
    }

    static func finish(_ db: Database, with report: ImportReport) throws {
        try db.execute(
            sql: """
                UPDATE batches SET rows_read = ?, samples_added = ?, duplicates = ?, refused = ?
                WHERE id = ?
                """,
            arguments: [
                report.rowsRead, report.samplesAdded, report.duplicates, report.refused,
                report.batch,
            ])
    }
}
