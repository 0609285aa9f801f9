import IntegerProgramming
import Testing

@Suite("Limits of a search")
struct LimitTests {
    /// Market-split program: far beyond a minute of branch and bound, with an easy first point.
    private var hard: IntegerProgram {
        var random = SplitMix64(seed: 5)
        var program = IntegerProgram()
        let x = (0..<50).map { program.binary("x_\($0)") }
        let slack = (0..<6).flatMap { row in
            let over = program.continuous("over_\(row)")
            let under = program.continuous("under_\(row)")
            let weights = x.map { _ in random.whole(0...99) }
            let half = Double(weights.reduce(0, +) / 2)
            let sum = zip(weights, x).map { Double($0) * $1 }.sum()
            program.subject(to: sum + over - under == half, named: "market_\(row)")
            return [over, under]
        }
        program.minimise(slack.sum() + 1)
        return program
    }

    @Test("a search out of time says so, and how far its point may be from the optimum")
    func timeLimit() throws {
        let limits = SolverLimits(time: .seconds(1))
        let solution = try hard.solve(limits: limits)
        #expect(solution.status == .timeLimit)
        #expect(solution.bound >= 1)
        if let objective = solution.objective, let gap = solution.gap {
            #expect(objective > solution.bound)
            #expect(gap > 0)
        }
    }

    @Test("a solution within the gap asked for is optimal, with its bound")
    func relativeGap() throws {
        let knapsack = Knapsack(seed: 3, items: 18, capacities: 4)
        let exact = try #require(try knapsack.program.solve().objective)
        let solution = try knapsack.program.solve(limits: SolverLimits(relativeGap: 0.2))
        #expect(solution.status == .optimal)
        #expect(try #require(solution.gap) <= 0.2)
        #expect(solution.bound <= exact)
    }

    @Test("limits that mean nothing are refused")
    func senseless() {
        let program = Knapsack(seed: 1, items: 3, capacities: 1).program
        #expect(throws: SolverError.timeLimitTooShort(.zero)) {
            try program.solve(limits: SolverLimits(time: .zero))
        }
        #expect(throws: SolverError.gapOutOfRange(-0.1)) {
            try program.solve(limits: SolverLimits(relativeGap: -0.1))
        }
        #expect(throws: SolverError.self) {
            try program.solve(limits: SolverLimits(relativeGap: .nan))
        }
    }

    @Test("a limit longer than a lifetime is no limit")
    func longLimit() throws {
        let program = Knapsack(seed: 1, items: 3, capacities: 1).program
        let limits = SolverLimits(time: .seconds(Int64.max))
        #expect(try program.solve(limits: limits).status == .optimal)
    }
}
