internal import GRDB

/// The tables of a store, as migrations that are only ever appended to.
///
/// Text and numbers that do not apply are `''` and 0 instead of NULL, since SQLite holds NULLs to
/// be distinct and UNIQUE would not bind. The tables are STRICT: what is read has the type it says.
enum Schema {
    /// Names of the migrations in order; the last one is the schema of this version.
    static let versions = ["v1", "v2", "v3"]

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("v1") { db in try db.execute(sql: version1) }
        migrator.registerMigration("v2") { db in try db.execute(sql: version2) }
        migrator.registerMigration("v3") { db in try db.execute(sql: version3) }
        return migrator
    }

    private static let version1 = """
        CREATE TABLE batches (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            file TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            gpu TEXT NOT NULL,
            engine TEXT NOT NULL,
            engine_version TEXT NOT NULL,
            adapter TEXT NOT NULL,
            trust TEXT NOT NULL,
            notes TEXT NOT NULL,
            imported_at TEXT NOT NULL,
            tool_version TEXT NOT NULL,
            rows_read INTEGER NOT NULL,
            samples_added INTEGER NOT NULL,
            duplicates INTEGER NOT NULL,
            refused INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE series (
            id INTEGER PRIMARY KEY,
            gpu TEXT NOT NULL,
            engine TEXT NOT NULL,
            engine_version TEXT NOT NULL,
            kind TEXT NOT NULL,
            format TEXT NOT NULL,
            variant TEXT NOT NULL,
            d1 INTEGER NOT NULL,
            d2 INTEGER NOT NULL,
            d3 INTEGER NOT NULL,
            d4 INTEGER NOT NULL,
            d5 INTEGER NOT NULL,
            d6 INTEGER NOT NULL,
            UNIQUE (
                gpu, engine, engine_version, kind, format, variant, d1, d2, d3, d4, d5, d6
            )
        ) STRICT;
        CREATE TABLE samples (
            series_id INTEGER NOT NULL REFERENCES series (id),
            x INTEGER NOT NULL,
            y INTEGER NOT NULL,
            latency_ns REAL NOT NULL,
            batch_id INTEGER NOT NULL REFERENCES batches (id),
            PRIMARY KEY (series_id, x, y, latency_ns)
        ) WITHOUT ROWID, STRICT;
        CREATE TABLE facts (
            gpu TEXT NOT NULL,
            fact TEXT NOT NULL,
            unit TEXT NOT NULL,
            value TEXT NOT NULL,
            batch_id INTEGER NOT NULL REFERENCES batches (id),
            PRIMARY KEY (gpu, fact)
        ) WITHOUT ROWID, STRICT;
        CREATE TABLE coefficients (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID, STRICT;
        """
    // `coefficients` is empty in every store: simulated runs lie in a `RunStore` of their own.

    /// Calibrations of engines.
    private static let version2 = """
        CREATE TABLE calibrations (
            gpu TEXT NOT NULL,
            engine TEXT NOT NULL,
            model TEXT NOT NULL,
            rows INTEGER NOT NULL,
            ttft_factor REAL NOT NULL,
            tpot_factor REAL NOT NULL,
            interval_source TEXT NOT NULL,
            source TEXT NOT NULL,
            tool_version TEXT NOT NULL,
            PRIMARY KEY (gpu, engine, model)
        ) WITHOUT ROWID, STRICT;
        CREATE TABLE calibration_constants (
            gpu TEXT NOT NULL,
            engine TEXT NOT NULL,
            model TEXT NOT NULL,
            name TEXT NOT NULL,
            value REAL NOT NULL,
            PRIMARY KEY (gpu, engine, model, name)
        ) WITHOUT ROWID, STRICT;
        """

    /// Calibrations of single builds; those of version 2 are for builds of any version.
    private static let version3 = """
        CREATE TABLE build_calibrations (
            gpu TEXT NOT NULL,
            engine TEXT NOT NULL,
            model TEXT NOT NULL,
            engine_version TEXT NOT NULL,
            rows INTEGER NOT NULL,
            ttft_factor REAL NOT NULL,
            tpot_factor REAL NOT NULL,
            interval_source TEXT NOT NULL,
            source TEXT NOT NULL,
            timings TEXT NOT NULL,
            versions TEXT NOT NULL,
            tool_version TEXT NOT NULL,
            PRIMARY KEY (gpu, engine, model, engine_version)
        ) WITHOUT ROWID, STRICT;
        CREATE TABLE build_constants (
            gpu TEXT NOT NULL,
            engine TEXT NOT NULL,
            model TEXT NOT NULL,
            engine_version TEXT NOT NULL,
            name TEXT NOT NULL,
            value REAL NOT NULL,
            PRIMARY KEY (gpu, engine, model, engine_version, name)
        ) WITHOUT ROWID, STRICT;
        INSERT INTO build_calibrations
            SELECT gpu, engine, model, '', rows, ttft_factor, tpot_factor, interval_source, source,
                '', '', tool_version
            FROM calibrations;
        INSERT INTO build_constants
            SELECT gpu, engine, model, '', name, value FROM calibration_constants;
        DROP TABLE calibrations;
        DROP TABLE calibration_constants;
        ALTER TABLE build_calibrations RENAME TO calibrations;
        ALTER TABLE build_constants RENAME TO calibration_constants;
        """
}
