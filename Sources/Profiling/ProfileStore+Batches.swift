internal import GRDB
internal import ServingDomain

extension ProfileStore {
    /// Every import that was not deleted, oldest first.
    public func batches() throws(ProfilingError) -> [ImportedBatch] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM batches ORDER BY id").map {
                try ImportedBatch($0, path: path)
            }
        }
    }

    /// Deletes an import with the samples and facts that it added.
    ///
    /// Samples that a later import repeated count as the first one's and go with it.
    ///
    /// - Returns: how many samples are gone.
    @discardableResult
    public func deleteBatch(_ id: Int64) throws(ProfilingError) -> Int {
        try write { db in
            let known = try Int.fetchOne(db, sql: "SELECT count(*) FROM batches") ?? 0
            let exists = "SELECT 1 FROM batches WHERE id = ?"
            guard try Int.fetchOne(db, sql: exists, arguments: [id]) != nil else {
                throw ProfilingError.noSuchBatch(id, known: known)
            }
            try db.execute(sql: "DELETE FROM samples WHERE batch_id = ?", arguments: [id])
            let removed = db.changesCount
            try db.execute(sql: "DELETE FROM facts WHERE batch_id = ?", arguments: [id])
            try db.execute(sql: "DELETE FROM batches WHERE id = ?", arguments: [id])
            try db.execute(
                sql: """
                    DELETE FROM series
                    WHERE NOT EXISTS (SELECT 1 FROM samples WHERE series_id = series.id)
                    """)
            return removed
        }
    }

    /// Deletes every sample, fact, import and calibration of a GPU.
    ///
    /// - Returns: how many samples and calibrations are gone.
    @discardableResult
    public func delete(
        gpu name: String
    ) throws(ProfilingError) -> (samples: Int, calibrations: Int) {
        let gpu = GPUName.canonical(name)
        return try write { db in
            let known = try Self.knownGPUs(db)
            guard known.contains(gpu) else {
                throw ProfilingError.nothingAbout(gpu, known: known)
            }
            try db.execute(
                sql: """
                    DELETE FROM samples WHERE series_id IN (SELECT id FROM series WHERE gpu = ?)
                    """,
                arguments: [gpu])
            let samples = db.changesCount
            for table in ["series", "facts", "calibration_constants", "calibrations"] {
                try db.execute(sql: "DELETE FROM \(table) WHERE gpu = ?", arguments: [gpu])
            }
            let calibrations = db.changesCount
            try db.execute(
                sql: """
                    DELETE FROM batches WHERE gpu = ?
                    AND NOT EXISTS (SELECT 1 FROM facts WHERE batch_id = batches.id)
                    """,
                arguments: [gpu])
            return (samples, calibrations)
        }
    }

    /// Published facts of a GPU by name, or of all GPUs.
    public func facts(gpu: String? = nil) throws(ProfilingError) -> [PublishedFact] {
        let wanted = gpu.map(GPUName.canonical)
        return try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT gpu, fact, unit, value FROM facts
                    WHERE ?1 IS NULL OR gpu = ?1 ORDER BY gpu, fact
                    """,
                arguments: [wanted]
            ).map { PublishedFact(gpu: $0[0], name: $0[1], unit: $0[2], value: $0[3]) }
        }
    }

    private static func knownGPUs(_ db: Database) throws -> [String] {
        try String.fetchAll(
            db,
            sql: """
                SELECT gpu FROM series UNION SELECT gpu FROM facts
                UNION SELECT gpu FROM calibrations ORDER BY gpu
                """)
    }
}

extension ImportedBatch {
    fileprivate init(_ row: Row, path: String) throws(ProfilingError) {
        let trust: String = row["trust"]
        guard let known = Trust(rawValue: trust) else {
            throw .damaged(path: path, detail: "the trust of a batch is \(trust.quoted)")
        }
        self.init(
            id: row["id"], file: row["file"], sha256: row["sha256"], gpu: row["gpu"],
            engine: row["engine"], version: row["engine_version"], adapter: row["adapter"],
            trust: known, notes: row["notes"], importedAt: row["imported_at"],
            toolVersion: row["tool_version"], rowsRead: row["rows_read"],
            samplesAdded: row["samples_added"], duplicates: row["duplicates"],
            refused: row["refused"])
    }
}
