import IntegerProgramming
import Testing

@Suite("Programs that are not well formed")
struct ValidationTests {
    @Test(
        "a number that is not finite is refused with its place",
        arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(number: Double) throws {
        var program = IntegerProgram()
        let x = program.binary("x")
        program.subject(to: number * x <= 1, named: "C1")
        let error = #expect(throws: SolverError.self) { try program.solve() }
        let text = try #require(error).description
        #expect(text.contains("constraint C1") && text.contains("coefficient of x"))
    }

    @Test("NaN is refused in the objective, its constant and a right side")
    func notANumberElsewhere() {
        func error(_ edit: (inout IntegerProgram, Variable) -> Void) -> SolverError? {
            var program = IntegerProgram()
            let x = program.binary("x")
            edit(&program, x)
            return #expect(throws: SolverError.self) { try program.solve() }
        }
        #expect(error { $0.minimise(.nan * $1) }?.description.contains("the objective") == true)
        #expect(error { $0.minimise($1 + .nan) }?.description.contains("the constant") == true)
        let right = error { $0.subject(to: $1 <= .nan, named: "C2") }
        #expect(right?.description.contains("constraint C2") == true)
        #expect(right?.description.contains("the right side is nan") == true)
    }

    @Test("two variables or two constraints of one name are refused")
    func duplicates() {
        var program = IntegerProgram()
        let x = program.binary("x")
        var twins = program
        _ = twins.binary("x")
        #expect(throws: SolverError.duplicateVariable("x")) { try twins.solve() }
        program.subject(to: x <= 1, named: "C")
        program.subject(to: x >= 0, named: "C")
        #expect(throws: SolverError.duplicateConstraint("C")) { try program.solve() }
    }

    @Test("bounds that leave no number are refused")
    func bounds() {
        func error(_ lower: Double, _ upper: Double) -> SolverError? {
            var program = IntegerProgram()
            let x = program.integer("x", from: lower, to: upper)
            program.minimise(x)
            return #expect(throws: SolverError.self) { try program.solve() }
        }
        #expect(error(3, 2) == .impossibleBounds(variable: "x", lower: 3, upper: 2))
        #expect(error(.infinity, .infinity)?.description.contains("infinity") == true)
        #expect(error(0, .nan)?.description.contains("upper bound nan") == true)
        #expect(error(0, 2.5) == .fractionalBound(variable: "x", bound: 2.5))
    }

    @Test("a variable of another program is refused by name")
    func foreign() {
        var other = IntegerProgram()
        _ = other.binary("a")
        let stranger = other.binary("b")
        var program = IntegerProgram()
        let x = program.binary("x")
        program.subject(to: x + stranger <= 1, named: "C")
        #expect(throws: SolverError.foreignVariable("b", place: "constraint C")) {
            try program.solve()
        }
    }

    @Test("a value is not given for a variable of another program")
    func foreignValue() throws {
        var program = IntegerProgram()
        program.minimise(program.binary("x") + 0)
        var other = IntegerProgram()
        let stranger = other.binary("y")
        #expect(try program.solve().value(of: stranger) == nil)
    }

    @Test("numbers beyond the solver's range end in an error or an answer, never in a crash")
    func hugeNumbers() {
        for size in [1e150, 1e308, Double.leastNonzeroMagnitude] {
            var program = IntegerProgram()
            let x = program.integer("x", from: 0, to: size.rounded(.up))
            let y = program.continuous("y", from: -size, to: size)
            program.subject(to: size * x + y >= 1, named: "C1")
            program.subject(to: x - size * y == 0.5, named: "C2")
            program.minimise(size * x - y)
            do {
                _ = try program.solve(limits: SolverLimits(time: .milliseconds(100)))
            } catch {
                #expect(!error.description.isEmpty)
            }
        }
    }
}
