import IntegerProgramming
import Testing

@Suite("A program as LP text")
struct LPTextTests {
    private var mixed: IntegerProgram {
        var program = IntegerProgram()
        let n = program.integer("n", from: 0, to: 16)
        let isUsed = program.binary("is_used")
        let z = program.continuous("z", from: -.infinity)
        program.subject(to: n <= 16 * isUsed, named: "C1")
        program.subject(to: z >= 0.1 - n, named: "C2")
        program.subject(to: n + isUsed == 3, named: "C3")
        program.minimise(z + 0.30000000000000004 * isUsed)
        return program
    }

    @Test("each section of the format is there, with doubles that read back")
    func sections() throws {
        let expected = """
            Minimize
              obj: + 0.30000000000000004 is_used + z
            Subject To
              C1: + n - 16 is_used <= 0
              C2: + n + z >= 0.1
              C3: + n + is_used = 3
            Bounds
              0 <= n <= 16
              z free
            General
              n
            Binary
              is_used
            End

            """
        #expect(try LPText(mixed).description == expected)
    }

    /// Names that the format does not take, all bounds, a constant, unused and empty sums.
    private var awkward: IntegerProgram {
        var program = IntegerProgram()
        let names = [
            "τ[prefill,4]", "τ[prefill,8]", "e5", "free", "2x", "", "constant", "a\nb", "E",
        ]
        let odd = names.map { program.integer($0, from: -2, to: 7) }
        let fixed = program.continuous("fixed", from: 2.5, to: 2.5)
        let low = program.continuous("low", from: -.infinity, to: -1)
        _ = program.continuous("unused", from: -3)
        let many = (0..<60).map { program.continuous("a_rather_long_name_\($0)", to: 1) }
        let longest = program.integer(String(repeating: "long", count: 100), from: 1, to: 3)
        program.subject(to: odd.sum() >= 3.7, named: "sum of odd")
        program.subject(to: many.sum() + longest >= 20 - 1 / 3.0 * fixed, named: "sum-of-many")
        program.subject(to: odd[0] - odd[0] <= 1, named: "nothing")
        program.subject(to: low >= -1e3 + 0.25 * odd[1], named: "end")
        program.subject(to: low - odd[2] <= 1e-5, named: "tiny")
        let costs = odd.enumerated().map { Double($0 + 1) * 1.1 * $1 }.sum()
        program.minimise(costs + many.sum() + 2 * longest - 0.125 * low - fixed + 12.25)
        return program
    }

    @Test("no line is longer than readers take, and every character is plain")
    func lines() throws {
        let text = try LPText(awkward).description
        #expect(text.split(separator: "\n").allSatisfy { $0.utf8.count <= 255 })
        #expect(text.utf8.allSatisfy { $0 < 128 })
        #expect(text.contains("\\ x___prefill_4_: \\u{03C4}[prefill,4]"))
    }

    @Test(
        "GLPK's own reader finds the same optimum",
        .enabled(if: ForeignSolver.glpsol.isInstalled, "glpsol is not installed (glpk-utils)"))
    func glpsol() throws { try compare(with: .glpsol) }

    @Test(
        "HiGHS finds the same optimum",
        .enabled(if: ForeignSolver.highs.isInstalled, "highspy is not installed (pip)"))
    func highs() throws { try compare(with: .highs) }

    private func compare(with solver: ForeignSolver) throws {
        var empty = IntegerProgram()
        empty.minimise(LinearExpression(constant: -4))
        var noObjective = IntegerProgram()
        let x = noObjective.binary("x")
        noObjective.subject(to: x >= 1, named: "C")
        let knapsacks = (1...5).map { Knapsack(seed: $0, items: 12, capacities: 2).program }
        for program in [mixed, awkward, empty, noObjective] + knapsacks {
            let expected = try #require(try program.solve().objective)
            let text = try LPText(program).description
            let found = try #require(try solver.optimum(of: text), "\(text)")
            #expect(abs(found - expected) <= 1e-6 * max(1, abs(expected)), "\(text)")
        }
    }

    @Test("a program that is not well formed has no text")
    func malformed() {
        var program = IntegerProgram()
        let x = program.binary("x")
        program.minimise(.nan * x)
        #expect(throws: SolverError.self) { try LPText(program) }
    }
}
