internal import GRDB
public import ServingDomain

extension ProfileStore {
    /// The samples of a context as the CSV that an import takes back without loss
    /// (docs/timings-csv.md).
    ///
    /// - Parameters:
    ///   - context: what was measured.
    ///   - trust: whose samples to write; needed where the context has several kinds of trust.
    /// - Returns: the text of the file.
    /// - Throws: `nothingAbout` for a context without such samples, `severalTrusts`.
    public func export(
        _ context: ProfileContext, trust: Trust? = nil
    ) throws(ProfilingError) -> String {
        let trust = try exportedTrust(of: context, wanted: trust)
        return try read { db in
            var text = TimingsText(
                context: context, trust: trust, notes: try Self.notes(context, trust, db))
            for series in try SeriesRow.all(in: context, kinds: nil, db) {
                text.begin(series.record)
                try Self.forEachPoint(of: series, trust: trust, db) { text.add($0, $1) }
            }
            return text.csv
        }
    }

    private func exportedTrust(
        of context: ProfileContext, wanted: Trust?
    ) throws(ProfilingError) -> Trust {
        let all = try contexts()
        let found = all.filter { $0.context == context }.map(\.trust)
            .filter { wanted == nil || $0 == wanted }
        guard let only = found.first else {
            let name = wanted.map { "\(context) (\($0.rawValue))" } ?? "\(context)"
            throw .nothingAbout(name, known: all.map { "\($0.context) (\($0.trust.rawValue))" })
        }
        guard found.count == 1 else {
            throw .severalTrusts("\(context)", found: found.map(\.rawValue))
        }
        return only
    }

    /// The comments of all files behind a context, each once.
    private static func notes(
        _ context: ProfileContext, _ trust: Trust, _ db: Database
    ) throws -> [String] {
        let texts = try String.fetchAll(
            db,
            sql: """
                SELECT notes FROM batches
                WHERE gpu = ? AND engine = ? AND engine_version = ? AND trust = ? ORDER BY id
                """,
            arguments: [context.gpu, context.engine, context.version, trust.rawValue])
        var seen: Set<Substring> = []
        return texts.flatMap { $0.split(separator: "\n") }.filter { seen.insert($0).inserted }
            .map(String.init)
    }
}
