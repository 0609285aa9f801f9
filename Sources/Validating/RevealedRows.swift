import DiscreteEvents
import ServingDomain

/// Which rows of a group are known to a calibration that is tried out.
///
/// Rows are taken as one would measure them: of builds of the engine that are not known yet, of these in
/// layouts that are not, then with lengths and with a concurrency that are not. Which of rows that
/// are as new as each other depends on their names and the seed alone.
struct RevealedRows {
    /// How many of the known rows are like a row in what tells a calibration most, by this order.
    private struct Familiarity {
        private var builds: [EngineVersion?: Int] = [:]
        private var layouts: [MeasuredRow.Layout: Int] = [:]
        private var lengths: [[Int]: Int] = [:]
        private var loads: [Int: Int] = [:]

        func counts(_ row: MeasuredRow) -> [Int] {
            [
                builds[row.build] ?? 0, layouts[row.layout] ?? 0, lengths[Self.lengths(row)] ?? 0,
                loads[row.load.concurrency] ?? 0,
            ]
        }

        mutating func add(_ row: MeasuredRow) {
            builds[row.build, default: 0] += 1
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
