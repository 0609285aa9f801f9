internal import GRDB

/// What there is to know of the database and of a store, without changing it.
public enum StoreFacts {
    /// Oldest SQLite that has all that stores need: STRICT tables.
    public static let oldestSQLite = "3.37.0"

    /// Version of the SQLite in use.
    public static func sqliteVersion() throws(ProfilingError) -> String {
        try ProfilingError.translating(":memory:") {
            try DatabaseQueue().read { db in
                try String.fetchOne(db, sql: "SELECT sqlite_version()") ?? ""
            }
        }
    }

    /// The schema of the profile store at `path`; nil for an empty file.
    ///
    /// - Throws: what opening it would throw.
    public static func profileSchema(path: String) throws(ProfilingError) -> String? {
        try StoreFile(path).schema()
    }

    /// The same of a cache of runs.
    public static func runSchema(path: String) throws(ProfilingError) -> String? {
        try StoreFile(path, versions: RunStore.versions).schema()
    }
}
