import Testing

@testable import Validating

@Suite("Rows that are revealed")
struct RevealedRowsTests {
    /// A row of a build in a layout; its id says which.
    private func row(
        _ version: String?, _ degree: Int, _ input: Int, _ concurrency: Int
    ) -> MeasuredRow {
        MeasuredRow(
            id: "\(version ?? "-")/\(degree)/\(input)/\(concurrency)", line: 2, group: "g",
            model: "m", system: "gpu", engine: "e", engineVersion: version,
            layout: .aggregated(
                MeasuredRow.Pool(replicas: 1, shards: MeasuredRow.Shards(tensor: degree))),
            load: MeasuredRow.Load(
                inputTokens: input, outputTokens: 64, concurrency: concurrency),
            measured: MeanLatencies(ttft: 1, tpot: 1))
    }

    private func choice(_ rows: [MeasuredRow], _ seed: UInt64) -> RevealedRows {
        RevealedRows(table: MeasuredTable(rows: rows), seed: seed)
    }

    private func distinct<T: Hashable>(
        _ chosen: [Int], _ rows: [MeasuredRow], _ trait: (MeasuredRow) -> T
    ) -> Int {
        Set(chosen.map { trait(rows[$0]) }).count
    }

    @Test("builds differ first, then layouts, lengths and concurrencies")
    func order() {
        // One build in a single layout has most of the rows; the other three have few.
        var rows = [1, 2, 4, 8].flatMap { load in
            [512, 1024].map { row("1.0", 8, $0, load) }
        }
        rows += [row("1.0", 4, 512, 1), row("2.0", 8, 512, 1), row(nil, 8, 512, 1)]
        for seed in UInt64(1)...20 {
            let choice = choice(rows, seed)
            let all = Array(rows.indices)
            #expect(distinct(choice.chosen(3, of: all), rows, \.build) == 3)
            // Of one build and layout: both lengths, then four loads.
            let alike = Array(0..<8)
            let two = choice.chosen(2, of: alike)
            #expect(distinct(two, rows, \.load.inputTokens) == 2)
            #expect(distinct(two, rows, \.load.concurrency) == 2)
            let four = choice.chosen(4, of: alike)
            #expect(distinct(four, rows, \.load.concurrency) == 4)
            // Of one build: both layouts, although eight rows are in one of them.
            let layouts = choice.chosen(2, of: alike + [8])
            #expect(distinct(layouts, rows, \.layout) == 2)
        }
    }

    @Test("each build is known in each layout as soon as that can be")
    func crossed() {
        let rows = ["1.0", "2.0"].flatMap { build in
            [2, 4].flatMap { degree in [1, 4, 16].map { row(build, degree, 512, $0) } }
        }
        for seed in UInt64(1)...20 {
            let four = choice(rows, seed).chosen(4, of: Array(rows.indices))
            #expect(Set(four.map { "\(rows[$0].id.prefix(5))" }).count == 4, "\(seed)")
            let two = choice(rows, seed).chosen(2, of: Array(rows.indices))
            #expect(distinct(two, rows, \.build) == 2 && distinct(two, rows, \.layout) == 2)
        }
    }

    @Test("the fewest count, not whether there are any; lengths come before loads")
    func counts() {
        let builds = ["1.0", "2.0", "3.0"].flatMap { build in
            (1...5).map { row(build, 8, 512, $0) }
        }
        // One pair of lengths at three loads, others at the first of these.
        let lengths = [1, 2, 3].map { row("1.0", 8, 512, $0) } + [row("1.0", 8, 1024, 1)]
        for seed in UInt64(1)...20 {
            let six = choice(builds, seed).chosen(6, of: Array(builds.indices))
            for build in ["1.0", "2.0", "3.0"] {
                #expect(six.count { builds[$0].engineVersion == build } == 2)
            }
            let two = choice(lengths, seed).chosen(2, of: Array(lengths.indices))
            #expect(distinct(two, lengths, \.load.inputTokens) == 2, "\(seed)")
            #expect(choice(lengths, seed).chosen(2, of: [0, 3]) == [0, 3])
        }
    }

    @Test("the seed draws among rows that are as new as each other, whatever their order")
    func draws() {
        let rows = [1, 2, 4, 8].map { row("1.0", 8, 512, $0) }
        var first: Set<Int> = []
        for seed in UInt64(1)...40 {
            let found = choice(rows, seed).chosen(1, of: [0, 1, 2, 3])
            #expect(choice(rows, seed).chosen(1, of: [3, 1, 0, 2]) == found)
            first.formUnion(found)
        }
        #expect(first == [0, 1, 2, 3])
    }

    @Test("no more rows than there are, none for none, in the order of the table")
    func ends() {
        let rows = [1, 2, 4, 8].map { row("1.0", 8, 512, $0) }
        #expect(choice(rows, 1).chosen(9, of: [2, 0, 3]) == [0, 2, 3])
        #expect(choice(rows, 1).chosen(0, of: [0, 1]).isEmpty)
        #expect(choice(rows, 1).chosen(2, of: []).isEmpty)
    }
}
