import CSolver
import IntegerProgramming
import Testing

@Suite("Where GLPK would abort the process")
struct SolverAbortTests {
    /// Solves one row over two columns with the given non-zeros.
    private static func minimise(_ entries: [CSolverEntry], gap: Double = 0) -> CSolverResult {
        let rows = [CSolverRow(lower: -.infinity, upper: 1)]
        let columns = (0..<2).map { _ in
            CSolverColumn(lower: 0, upper: 1, cost: -1, is_integer: true)
        }
        var values = [0.0, 0.0]
        return rows.withUnsafeBufferPointer { rows in
            columns.withUnsafeBufferPointer { columns in
                entries.withUnsafeBufferPointer { entries in
                    var program = CSolverProgram(
                        rows: rows.baseAddress, columns: columns.baseAddress,
                        entries: entries.baseAddress, row_count: 1, column_count: 2,
                        entry_count: Int32(entries.count), time_limit_ms: 1000, relative_gap: gap)
                    return csolver_minimise(&program, &values)
                }
            }
        }
    }

    private static let duplicate = [
        CSolverEntry(row: 0, column: 0, value: 1), CSolverEntry(row: 0, column: 0, value: 2),
    ]

    private static func message(_ result: CSolverResult) -> String {
        withUnsafeBytes(of: result.message) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    @Test("duplicate entries are reported with GLPK's own words, time after time")
    func duplicates() {
        for _ in 0..<3 {
            let result = Self.minimise(Self.duplicate)
            #expect(result.status == CSOLVER_REFUSED)
            #expect(!result.has_point)
            #expect(Self.message(result).contains("duplicate indices not allowed"))
        }
        let entries = [CSolverEntry(row: 0, column: 1, value: 1)]
        #expect(Self.minimise(entries).status == CSOLVER_OPTIMAL)
    }

    @Test(
        "an index outside the matrix is reported",
        arguments: [-1, 1, Int32.max, .min] as [Int32])
    func indices(row: Int32) {
        let result = Self.minimise([CSolverEntry(row: row, column: 0, value: 1)])
        #expect(result.status == CSOLVER_REFUSED)
        #expect(Self.message(result).contains("row index out of range"))
    }

    @Test("a negative gap is reported")
    func negativeGap() {
        #expect(Self.minimise([], gap: -1).status == CSOLVER_REFUSED)
    }

    @Test("misuse on many threads harms no solve between and after")
    func threads() async throws {
        let knapsack = Knapsack(seed: 9, items: 8, capacities: 2)
        let best = -Double(knapsack.bestByEnumeration)
        let isRight = try await withThrowingTaskGroup(of: Bool.self) { group in
            for task in 0..<200 {
                group.addTask {
                    task.isMultiple(of: 2)
                        ? Self.minimise(Self.duplicate).status == CSOLVER_REFUSED
                        : try knapsack.program.solve().objective == best
                }
            }
            return try await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(isRight.count == 200 && isRight.allSatisfy { $0 })
        #expect(try knapsack.program.solve().objective == best)
    }
}
