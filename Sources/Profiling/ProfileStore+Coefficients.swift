public import Foundation
internal import GRDB

/// A cache of simulated results, by a key that names everything they depend on.
extension ProfileStore {
    /// The value kept under `key`.
    public func coefficient(for key: String) throws(ProfilingError) -> Data? {
        try read { db in
            try Data.fetchOne(
                db, sql: "SELECT value FROM coefficients WHERE key = ?", arguments: [key])
        }
    }

    /// Keeps `value` under `key` in place of what was there.
    public func keepCoefficient(_ value: Data, for key: String) throws(ProfilingError) {
        try write { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO coefficients (key, value) VALUES (?, ?)",
                arguments: [key, value])
        }
    }

    /// Empties the cache; returns how many values are gone.
    @discardableResult
    public func dropCoefficients() throws(ProfilingError) -> Int {
        try write { db in
            try db.execute(sql: "DELETE FROM coefficients")
            return db.changesCount
        }
    }
}
