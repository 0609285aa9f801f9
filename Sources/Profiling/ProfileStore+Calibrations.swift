internal import GRDB
public import ServingDomain

/// Calibrations of engines, for each platform one for builds of any version and those of single ones.
extension ProfileStore {
    /// The calibration of a platform: that of the engine's version if there is one, or that for builds of any;
    /// nil where it has none.
    public func calibration(
        of platform: PlatformKey
    ) throws(ProfilingError) -> StoredCalibration? {
        let all = try calibrations()
        return all.first { $0.platform == platform }
            ?? all.first { $0.platform == platform.ofAnyVersion }
    }

    /// All calibrations, by GPU, engine, model and version.
    public func calibrations() throws(ProfilingError) -> [StoredCalibration] {
        try read { db in
            let values = try Row.fetchAll(db, sql: "SELECT * FROM calibration_constants")
            return try Row.fetchAll(
                db, sql: "SELECT * FROM calibrations ORDER BY gpu, engine, model, engine_version"
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

    /// Keeps calibrations in place of all those that their platforms had, all of them or none.
    public func keep(_ calibrations: [StoredCalibration]) throws(ProfilingError) {
        try write { db in
            for one in calibrations { try Self.remove(one.platform, db) }
            for one in calibrations {
                let place: [any DatabaseValueConvertible] = [
                    one.platform.gpu, one.platform.engine, one.platform.model,
                    one.platform.engineVersion ?? "",
                ]
                try db.execute(
                    sql: """
                        INSERT INTO calibrations (
                            gpu, engine, model, engine_version, rows, ttft_factor, tpot_factor,
                            interval_source, source, tool_version
                        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: StatementArguments(
                        place + [
                            one.rows, one.interval?.ttftFactor ?? 0,
                            one.interval?.tpotFactor ?? 0, one.interval?.source ?? "",
                            one.source, one.toolVersion,
                        ]))
                for (name, value) in one.constants {
                    try db.execute(
                        sql: "INSERT INTO calibration_constants VALUES (?, ?, ?, ?, ?, ?)",
                        arguments: StatementArguments(place + [name, value]))
                }
            }
        }
    }

    /// Removes what there is of a platform, of all versions.
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
        let version: String = row["engine_version"]
        self.init(
            gpu: row["gpu"], engine: row["engine"], model: row["model"],
            engineVersion: version.isEmpty ? nil : version)
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
