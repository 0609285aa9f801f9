internal import GRDB
internal import ServingDomain

extension ProfileStore {
    /// Most refused rows that an error names.
    static let refusalsShown = 20

    /// Imports one CSV file of timings; its header tells which known table it is.
    ///
    /// - Throws: `rowsRefused` where a row is not usable and bad rows are not to be skipped; the
    ///   store then is as before, as with every other error.
    public func importTimings(
        from path: String, options: ImportOptions
    ) throws(ProfilingError) -> ImportReport {
        try importTimings(SourceFile.read(path), options: options)
    }

    /// The same for bytes that no file has; `name` stands for them in messages and in the store.
    public func importTimings(
        _ bytes: [UInt8], named name: String, options: ImportOptions
    ) throws(ProfilingError) -> ImportReport {
        try importTimings(SourceFile(path: name, bytes: bytes), options: options)
    }

    func importTimings(
        _ file: SourceFile, options: ImportOptions
    ) throws(ProfilingError) -> ImportReport {
        let table = try TimingsTable(file)
        var options = options
        var platform: LayerPlatform?
        if case .layers = table.layout.content {
            platform = try LayerPlatform(of: file, &options)
        }
        let origin = try origin(of: table, options: options)
        return try write { db in
            let batch = try BatchRow(table: table, origin: origin, options: options).insert(db)
            var report = ImportReport(
                file: file.path, batch: batch, adapter: table.layout.name, origin: origin)
            switch table.layout.content {
            case .samples(let read):
                try Self.importSamples(
                    table, origin: origin, read: read, skipping: options.skipBadRows, db, &report)
            case .layers(let reader):
                guard let platform else { preconditionFailure("a table of layers has a platform") }
                var layers = reader(platform)
                try table.forEachRow { row in
                    // The second pass tells the faults.
                    do { try layers.note(row) } catch is RowFault {}
                }
                try Self.importSamples(
                    table, origin: origin, read: layers.read, skipping: options.skipBadRows, db,
                    &report)
            case .facts:
                let systems = try table.factSystems(of: options.gpu)
                try Self.importFacts(table, systems: systems, db, &report)
            }
            try Self.check(report, skipping: options.skipBadRows)
            try BatchRow.finish(db, with: report)
            return report
        }
    }

    private func origin(
        of table: TimingsTable, options: ImportOptions
    ) throws(ProfilingError) -> Origin {
        switch table.layout.content {
        case .samples, .layers:
            return try Origin.resolve(
                file: table.file, comments: table.comments, layout: table.layout, options: options)
        case .facts:
            let systems = try table.factSystems(of: options.gpu).map(\.gpu).joined(separator: ",")
            return Origin(
                context: ProfileContext(gpu: systems, engine: "", version: ""),
                trust: options.trust ?? table.comments.trust ?? .given)
        }
    }

    private static func importSamples(
        _ table: TimingsTable, origin: Origin,
        read: (TableRow, inout RowSamples) throws(RowFault) -> Void, skipping: Bool,
        _ db: Database, _ report: inout ImportReport
    ) throws {
        var writer = try SampleWriter(db, context: origin.context, batch: report.batch)
        var yielded = RowSamples()
        try forEachGoodRow(of: table, &report) { row, report in
            yielded.removeAll()
            try row.check()
            try read(row, &yielded)
            report.cellsSkipped += yielded.cellsSkipped
            try writer.write(yielded.samples, discarding: !skipping && report.refused > 0)
        }
        report.samplesAdded = writer.added
        report.duplicates = writer.duplicates
    }

    private static func importFacts(
        _ table: TimingsTable, systems: [FactSystem], _ db: Database,
        _ report: inout ImportReport
    ) throws {
        try forEachGoodRow(of: table, &report) { row, report in
            try row.check()
            try FactWriter(db: db, batch: report.batch).write(row, systems: systems, &report)
        }
    }

    /// Counts every row, and notes those for which `body` throws a fault.
    private static func forEachGoodRow(
        of table: TimingsTable, _ report: inout ImportReport,
        _ body: (TableRow, inout ImportReport) throws -> Void
    ) throws {
        try table.forEachRow { row in
            report.rowsRead += 1
            do {
                try body(row, &report)
            } catch let fault as RowFault {
                report.refusedRows.append(
                    RefusedRow(
                        file: table.file.path, line: row.line.number, reason: fault.reason))
            }
        }
    }

    private static func check(
        _ report: ImportReport, skipping: Bool
    ) throws(ProfilingError) {
        guard report.rowsRead > 0 else {
            throw .noRows(file: report.file, adapter: report.adapter)
        }
        guard report.refused == 0 || skipping else {
            throw .rowsRefused(
                file: report.file, rows: Array(report.refusedRows.prefix(refusalsShown)),
                total: report.refused)
        }
    }
}
