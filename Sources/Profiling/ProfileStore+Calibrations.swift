internal import GRDB
internal import ServingDomain

/// Calibrations of engines, for each platform one for builds of any version and those of single ones.
extension ProfileStore {
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
                    source: row["source"], timings: Self.lines(row["timings"]),
                    versions: Self.lines(row["versions"]).compactMap(EngineVersion.init),
                    toolVersion: row["tool_version"]
                )
            }
        }
    }

    /// Keeps calibrations in place of those of the versions that they measured, all of them or none.
    public func keep(_ calibrations: [StoredCalibration]) throws(ProfilingError) {
        try write { db in
            for one in calibrations {
                for measured in [one.platform] + one.versions.map(one.platform.of) {
                    try Self.remove(measured, db)
                }
            }
            for one in calibrations {
                let place: [any DatabaseValueConvertible] = [
                    one.platform.gpu, one.platform.engine, one.platform.model,
                    one.platform.version?.description ?? "",
                ]
                try db.execute(
                    sql: """
                        INSERT INTO calibrations (
                            gpu, engine, model, engine_version, rows, ttft_factor, tpot_factor,
                            interval_source, source, timings, versions, tool_version
                        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: StatementArguments(
                        place + [
                            one.rows, one.interval?.ttftFactor ?? 0,
                            one.interval?.tpotFactor ?? 0, one.interval?.source ?? "",
                            one.source, one.timings.joined(separator: "\n"),
                            one.versions.map(\.description).joined(separator: "\n"),
                            one.toolVersion,
                        ]))
                for (name, value) in one.constants {
                    try db.execute(
                        sql: "INSERT INTO calibration_constants VALUES (?, ?, ?, ?, ?, ?)",
                        arguments: StatementArguments(place + [name, value]))
                }
            }
        }
    }

    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init)
    }

    private static func remove(_ platform: PlatformKey, _ db: Database) throws {
        for table in ["calibration_constants", "calibrations"] {
            try db.execute(
                sql: """
                    DELETE FROM \(table)
                    WHERE gpu = ? AND engine = ? AND model = ? AND engine_version = ?
                    """,
                arguments: [
                    platform.gpu, platform.engine, platform.model,
                    platform.version?.description ?? "",
                ])
        }
    }
}

extension PlatformKey {
    fileprivate init(_ row: Row) {
        let version: String = row["engine_version"]
        self.init(
            gpu: row["gpu"], engine: row["engine"], model: row["model"],
            version: EngineVersion(version))
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
