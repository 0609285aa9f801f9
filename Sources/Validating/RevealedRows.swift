import DiscreteEvents
import ServingDomain

/// Which rows of a group are known to a calibration that is tried out.
///
/// Rows are taken as one would measure them, each time one of a build of which the fewest are known, of
/// these in a layout in which the fewest of that build are, and of any; then with such lengths, then with
/// such a concurrency. Which of rows that are as new as each other depends on their names and the
/// seed alone.
struct RevealedRows {
    private struct Built: Hashable {
        let build: EngineVersion?
        let layout: MeasuredRow.Layout

        init(_ row: MeasuredRow) { (build, layout) = (row.build, row.layout) }
    }

    /// How many of all known rows are like a row, trait by trait, in the order of what tells a calibration
    /// most.
    private struct Familiarity {
        private var builds: [EngineVersion?: Int] = [:]
        private var layoutsOfBuilds: [Built: Int] = [:]
        private var layouts: [MeasuredRow.Layout: Int] = [:]
        private var lengths: [[Int]: Int] = [:]
        private var loads: [Int: Int] = [:]

        func counts(_ row: MeasuredRow) -> [Int] {
            [
                builds[row.build] ?? 0, layoutsOfBuilds[Built(row)] ?? 0,
                layouts[row.layout] ?? 0, lengths[Self.lengths(row)] ?? 0,
                loads[row.load.concurrency] ?? 0,
            ]
        }

        mutating func add(_ row: MeasuredRow) {
            builds[row.build, default: 0] += 1
            layoutsOfBuilds[Built(row), default: 0] += 1
            layouts[row.layout, default: 0] += 1
            lengths[Self.lengths(row), default: 0] += 1
            loads[row.load.concurrency, default: 0] += 1
        }

        private static func lengths(_ row: MeasuredRow) -> [Int] {
            [row.load.inputTokens, row.load.outputTokens]
        }
    }

    let table: MeasuredTable
    let seed: UInt64

    /// At most `count` of `rows`, which are places in the table; in the order of the table.
    func chosen(_ count: Int, of rows: [Int]) -> [Int] {
        var left = rows.map { (drawn: order($0), row: $0) }.sorted(by: <).map(\.row)
        var familiarity = Familiarity()
        var chosen: [Int] = []
        while chosen.count < count {
            let counts = left.map { familiarity.counts(table.rows[$0]) }
            let next = counts.indices.min { counts[$0].lexicographicallyPrecedes(counts[$1]) }
            guard let next else { break }
            let row = left.remove(at: next)
            familiarity.add(table.rows[row])
            chosen.append(row)
        }
        return chosen.sorted()
    }

    private func order(_ row: Int) -> UInt64 {
        RandomStream(seed: seed, named: table.rows[row].id).draw(0)
    }
}
