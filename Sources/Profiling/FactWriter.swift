internal import GRDB

/// Adds published facts to a store, inside a transaction of the caller.
struct FactWriter {
    let db: Database
    let batch: Int64

    /// Adds one row of a table of facts; a blank cell means that the fact does not apply.
    ///
    /// A new value replaces the one that the store had.
    func write(
        _ row: TableRow, systems: [FactSystem], _ report: inout ImportReport
    ) throws {
        let (name, unit) = (try row.text("fact"), try row.text("unit"))
        guard !name.isEmpty else { throw RowFault("the name of the fact is blank") }
        let values = try systems.map { (gpu: $0.gpu, value: try row.text($0.column)) }
        for (gpu, value) in values {
            guard !value.isEmpty else {
                report.cellsSkipped += 1
                continue
            }
            try write(PublishedFact(gpu: gpu, name: name, unit: unit, value: value), &report)
        }
    }

    private func write(_ fact: PublishedFact, _ report: inout ImportReport) throws {
        try db.execute(
            sql: """
                INSERT INTO facts (gpu, fact, unit, value, batch_id) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (gpu, fact) DO UPDATE
                SET unit = excluded.unit, value = excluded.value, batch_id = excluded.batch_id
                WHERE unit <> excluded.unit OR value <> excluded.value
                """,
            arguments: [fact.gpu, fact.name, fact.unit, fact.value, batch])
        if db.changesCount > 0 { report.factsAdded += 1 } else { report.duplicates += 1 }
    }
}

/// A column of a table of facts that holds the values of one GPU.
struct FactSystem: Hashable {
    let column: String
    let gpu: String
}

extension TimingsTable {
    /// The GPUs of a table of facts; only `wanted` where it is given.
    func factSystems(of wanted: String?) throws(ProfilingError) -> [FactSystem] {
        let all = header.dropFirst(layout.columns.count).map {
            FactSystem(column: $0, gpu: GPUName.canonical($0))
        }
        guard let wanted else { return all }
        let found = all.filter { $0.gpu == GPUName.canonical(wanted) }
        guard !found.isEmpty else {
            throw .noFacts(file: file.path, gpu: wanted, known: all.map(\.gpu))
        }
        return found
    }
}
