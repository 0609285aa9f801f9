internal import GRDB
public import ServingDomain

/// Calibrations of engines, one for each platform.
extension ProfileStore {
    /// The calibration of a platform; nil where it has none.
    public func calibration(
        of platform: PlatformKey
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
                let platform = PlatformKey(row)
                let constants = values.filter { PlatformKey($0) == platform }
                    .map { ($0["name"] as String, $0["value"] as Double) }
                return StoredCalibration(
                    platform: platform, constants: Dictionary(uniqueKeysWithValues: constants),
                    rows: row["rows"], interval: PredictionInterval(row),
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
                            gpu, engine, model, rows, ttft_factor, tpot_factor, interval_source,
                            source, tool_version
                        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: StatementArguments(
                        place + [
                            one.rows, one.interval?.ttftFactor ?? 0,
                            one.interval?.tpotFactor ?? 0, one.interval?.source ?? "",
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

    private static func remove(_ platform: PlatformKey, _ db: Database) throws {
        for table in ["calibration_constants", "calibrations"] {
            try db.execute(
                sql: "DELETE FROM \(table) WHERE gpu = ? AND engine = ? AND model = ?",
                arguments: [platform.gpu, platform.engine, platform.model])
        }
    }
}

extension PlatformKey {
    fileprivate init(_ row: Row) {
        self.init(gpu: row["gpu"], engine: row["engine"], model: row["model"])
    }
}

extension PredictionInterval {
    /// Nil where the factors are 0, which none is.
    fileprivate init?(_ row: Row) {
        let (ttft, tpot): (Double, Double) = (row["ttft_factor"], row["tpot_factor"])
        guard ttft >= 1, tpot >= 1, ttft.isFinite, tpot.isFinite else { return nil }
        self.init(ttftFactor: ttft, tpotFactor: tpot, source: row["interval_source"])
    }
}
