public import Foundation
internal import GRDB
internal import Synchronization

/// Simulated runs by what they depend on, in an SQLite file that may be deleted at any time.
///
/// Each run is written when it has ended, so that a process that dies leaves those before it. Several
/// processes may use one file at once.
public final class RunStore: Sendable {
    /// Bytes of runs beyond which the older half of them goes.
    public static let usualLimit = 512 << 20
    /// Runs that are written between two looks at the size.
    private static let batch = 64

    private let path: String
    private let limit: Int
    private let database: DatabasePool
    private let written = Mutex(0)

    /// Opens the file at `path`, and makes it with its folders where there is none.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - limit: most bytes in it, more or less.
    /// - Throws: `notAStore` and `newerSchema` without having changed the file.
    public init(path: String, limit: Int = usualLimit) throws(ProfilingError) {
        try StoreFile(path, versions: Self.versions).prepare()
        (self.path, self.limit) = (path, limit)
        database = try ProfilingError.translating(path) {
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            let pool = try DatabasePool(path: path, configuration: configuration)
            try Self.migrator.migrate(pool)
            return pool
        }
        try makeRoom()
    }

    /// What is kept under `key`; nil where there is nothing.
    public func run(for key: Data) throws(ProfilingError) -> Data? {
        try ProfilingError.translating(path) {
            try database.read { db in
                try Data.fetchOne(
                    db, sql: "SELECT value FROM runs WHERE key = ?", arguments: [key])
            }
        }
    }

    /// Keeps `value` under `key`, unless there is something.
    public func keep(_ value: Data, for key: Data) throws(ProfilingError) {
        try ProfilingError.translating(path) {
            try database.write { db in
                try db.execute(
                    sql: "INSERT OR IGNORE INTO runs (key, value) VALUES (?, ?)",
                    arguments: [key, value])
            }
        }
        let count = written.withLock { count in
            count += 1
            return count
        }
        if count.isMultiple(of: Self.batch) { try makeRoom() }
    }

    /// Deletes the older half where there is more than the limit.
    private func makeRoom() throws(ProfilingError) {
        try ProfilingError.translating(path) {
            try database.write { db in
                func pragma(_ name: String) throws -> Int {
                    try Int.fetchOne(db, sql: "PRAGMA \(name)") ?? 0
                }
                let pages = try pragma("page_count") - pragma("freelist_count")
                guard try pages * pragma("page_size") > limit else { return }
                try db.execute(
                    sql: """
                        DELETE FROM runs WHERE id <= (
                            SELECT id FROM runs ORDER BY id
                            LIMIT 1 OFFSET (SELECT count(*) FROM runs) / 2
                        )
                        """)
            }
        }
    }

    /// Apart from the names of a profile store's, so that one is never taken for the other.
    static let versions = ["runs-v1"]

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration(versions[0]) { db in
            try db.execute(
                sql: """
                    CREATE TABLE runs (
                        id INTEGER PRIMARY KEY AUTOINCREMENT,
                        key BLOB NOT NULL UNIQUE,
                        value BLOB NOT NULL
                    ) STRICT;
                    """)
        }
        return migrator
    }
}
