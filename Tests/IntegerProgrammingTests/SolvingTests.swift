import IntegerProgramming
import Testing

@Suite("Solving an integer program")
struct SolvingTests {
    @Test("a knapsack is filled as well as by trying every choice", arguments: 1...40)
    func knapsackMatchesEnumeration(seed: Int) throws {
        let knapsack = Knapsack(seed: UInt64(seed), items: 10, capacities: 1 + seed % 3)
        let solution = try knapsack.program.solve()
        #expect(solution.status == .optimal)
        #expect(solution.objective == -Double(knapsack.bestByEnumeration))
        #expect(solution.gap == 0)
    }

    @Test("integers and reals mix as in a program solved by hand")
    func mixed() throws {
        // Given: the bottleneck z of two pools that share 10 GPUs, 9/n + 12/m linearised at hand.
        var program = IntegerProgram()
        let n = program.integer("n", from: 0, to: 10)
        let m = program.integer("m", from: 0, to: 5)
        let z = program.continuous("z")
        program.subject(to: n + 2 * m <= 10, named: "GPUs")
        program.subject(to: z >= 9 - 2.5 * n, named: "prefill")
        program.subject(to: 12 - 3 * m <= z, named: "decode")
        program.minimise(z)
        // When
        let solution = try program.solve()
        // Then: m = 3, n = 4 gives max(-1, 3) = 3; m = 4, n = 2 gives max(4, 0) = 4.
        #expect(solution.status == .optimal)
        #expect(solution.integer(of: m) == 3)
        #expect(abs((solution.value(of: z) ?? 0) - 3) < 1e-9)
    }

    @Test("an equality holds exactly for whole numbers")
    func equality() throws {
        var program = IntegerProgram()
        let x = program.integer("x", from: -100, to: 100)
        let y = program.integer("y", from: -100, to: 100)
        program.subject(to: 3 * x + 5 * y == 7, named: "sum")
        program.subject(to: x - y >= 20, named: "difference")
        program.minimise(x)
        let solution = try program.solve()
        // x = 4 + 5k, y = -1 - 3k, so 5 + 8k >= 20: k = 2.
        #expect(solution.integer(of: x) == 14)
        #expect(solution.integer(of: y) == -7)
        #expect(solution.value(of: 3 * x + 5 * y) == 7)
    }

    @Test("a bottleneck of two nearly equal rows is the larger of both")
    func bottleneck() throws {
        var program = IntegerProgram()
        let z = program.continuous("z")
        for (name, figures) in [
            ("prefill", [0.28599071502685547, 0.30654239654541016, 4.5]),
            ("decode", [0.286128997802734375, 0.45, 0.95]),
        ] {
            let choices = figures.indices.map { program.binary("\(name)_\($0)") }
            program.subject(to: choices.sum() == 1, named: "one_\(name)")
            program.subject(
                to: z >= zip(figures, choices).map { $0 * $1 }.sum(), named: name)
        }
        program.minimise(z)
        let solution = try program.solve()
        #expect(abs((solution.objective ?? 0) - 0.286128997802734375) < 1e-9)
    }

    @Test("the constant of the objective counts in objective and bound")
    func objectiveConstant() throws {
        var program = IntegerProgram()
        let x = program.binary("x")
        program.minimise(10 - 4 * x)
        let solution = try program.solve()
        #expect(solution.objective == 6)
        #expect(solution.bound == 6)
        #expect(solution.isOne(x))
    }

    @Test("contradicting constraints are infeasible, with no point")
    func infeasible() throws {
        var program = IntegerProgram()
        let x = program.integer("x", from: 0, to: 9)
        program.subject(to: 2 * x == 5, named: "odd")
        program.minimise(x)
        let solution = try program.solve()
        #expect(solution.status == .infeasible)
        #expect(solution.objective == nil)
        #expect(solution.gap == nil)
        #expect(solution.value(of: x) == nil)
        #expect(!solution.isOne(x))
        #expect(solution.bound == .infinity)
    }

    @Test("a constraint among numbers alone decides feasibility", arguments: [0.0, 1.0])
    func constraintWithoutVariables(right: Double) throws {
        var program = IntegerProgram()
        let x = program.binary("x")
        program.subject(to: 1 + x - x <= right, named: "one")
        program.minimise(x)
        #expect(try program.solve().status == (right < 1 ? .infeasible : .optimal))
    }

    @Test("a descent without end is unbounded")
    func unbounded() throws {
        var program = IntegerProgram()
        let x = program.integer("x")
        let y = program.continuous("y")
        program.subject(to: x == y, named: "equal")
        program.minimise(-x)
        let solution = try program.solve()
        #expect(solution.status == .unbounded)
        #expect(solution.bound == -.infinity)
        #expect(solution.objective == nil)
    }

    @Test("an unbounded direction among contradictions is infeasible, not unbounded")
    func unboundedDirectionOfInfeasible() throws {
        var program = IntegerProgram()
        let x = program.integer("x")
        let y = program.integer("y", from: 0, to: 3)
        program.subject(to: 2 * y == 3, named: "odd")
        program.minimise(-x)
        #expect(try program.solve().status == .infeasible)
    }

    @Test("a program without variables has its constant as optimum")
    func empty() throws {
        var program = IntegerProgram()
        program.minimise(LinearExpression(constant: 2))
        #expect(try program.solve().objective == 2)
    }

    @Test("minus zero does not leave the solver")
    func minusZero() throws {
        var program = IntegerProgram()
        let x = program.integer("x", from: -3, to: 3)
        program.subject(to: -0.5 <= 1 * x, named: "low")
        program.minimise(x)
        let solution = try program.solve()
        #expect(solution.value(of: x)?.sign == .plus)
    }

    @Test("big coefficients beside a switch do not let reals slip below their constraint")
    func polishedReals() throws {
        var program = IntegerProgram()
        let isOn = program.binary("on")
        let z = program.continuous("z")
        program.subject(to: z >= 3 - 1e6 * (1 - isOn), named: "switch")
        program.subject(to: isOn >= 1e-3, named: "used")
        program.minimise(z)
        let solution = try program.solve()
        #expect(solution.isOne(isOn))
        #expect(abs((solution.objective ?? 0) - 3) < 1e-9)
    }

    @Test("the same program has the same answer on many threads at once")
    func threads() async throws {
        let knapsack = Knapsack(seed: 77, items: 14, capacities: 3)
        let alone = try knapsack.program.solve()
        let together = try await withThrowingTaskGroup(of: Solution.self) { group in
            for _ in 0..<24 {
                group.addTask { try knapsack.program.solve() }
            }
            return try await group.reduce(into: [Solution]()) { $0.append($1) }
        }
        #expect(together.count == 24)
        #expect(together.allSatisfy { $0 == alone })
    }
}
