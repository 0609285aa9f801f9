internal import GRDB

/// Calibrations of engines, one for each platform.
extension ProfileStore {
    /// The calibration of a platform; nil where it has none.
    public func calibration(
        of platform: StoredCalibration.Platform
    ) throws(ProfilingError) -> StoredCalibration? {
        try calibrations().first { $0.platform == platform }
    }

    /// All calibrations, by GPU, engine and model.
    public func calibrations() throws(ProfilingError) -> [StoredCalibration] {
        try read { db in
            let values = try Row.fetchAll(db, sql: "SELECT * FROM calibration_constants")
            return try Row.fetchAll(
                db, sql: "SELECT * FROM calibrations ORDER BY gpu, engine, model"
            ).map { row in
                let platform = StoredCalibration.Platform(row)
                let constants = values.filter { StoredCalibration.Platform($0) == platform }
                    .map { ($0["name"] as String, $0["value"] as Double) }
                return StoredCalibration(
                    platform: platform, constants: Dictionary(uniqueKeysWithValues: constants),
                    rows: row["rows"], ttftFactor: row["ttft_factor"],
                    tpotFactor: row["tpot_factor"], hasOwnFactors: row["own_factors"],
                    source: row["source"], toolVersion: row["tool_version"])
            }
        }
    }

    /// Keeps calibrations in place of those that their platforms had, all of them or none.
    public func keep(_ calibrations: [StoredCalibration]) throws(ProfilingError) {
        try write { db in
            for one in calibrations {
                try Self.remove(one.platform, db)
                let place: [any DatabaseValueConvertible] = [
                    one.platform.gpu, one.platform.engine, one.platform.model,
                ]
                try db.execute(
                    sql: """
                        INSERT INTO calibrations (
                            gpu, engine, model, rows, ttft_factor, tpot_factor, own_factors,
                            source, tool_version
                        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: StatementArguments(
                        place + [
                            one.rows, one.ttftFactor, one.tpotFactor, one.hasOwnFactors,
                            one.source, one.toolVersion,
                        ]))
                for (name, value) in one.constants {
                    try db.execute(
                        sql: "INSERT INTO calibration_constants VALUES (?, ?, ?, ?, ?)",
                        arguments: StatementArguments(place + [name, value]))
                }
            }
        }
    }

    /// Forgets the calibration of a platform; false where it has none.
    public func dropCalibration(
        of platform: StoredCalibration.Platform
    ) throws(ProfilingError) -> Bool {
        try write { db in
            try Self.remove(platform, db)
            return db.changesCount > 0
        }
    }

    private static func remove(_ platform: StoredCalibration.Platform, _ db: Database) throws {
        for table in ["calibration_constants", "calibrations"] {
            try db.execute(
                sql: "DELETE FROM \(table) WHERE gpu = ? AND engine = ? AND model = ?",
                arguments: [platform.gpu, platform.engine, platform.model])
        }
    }
}

extension StoredCalibration.Platform {
    fileprivate init(_ row: Row) {
        self.init(gpu: row["gpu"], engine: row["engine"], model: row["model"])
    }
}
