import IntegerProgramming
import Testing

@Suite("Formulations read like mathematics")
struct FormulationTests {
    @Test("variables gather on the left and numbers on the right")
    func normalForm() {
        var program = IntegerProgram()
        let x = program.integer("x")
        let y = program.integer("y")
        let constraint: Constraint = 2 * x + y - 3 <= x * 5 - (y - 4)
        #expect(constraint.left == LinearExpression([.init(-3, x), .init(2, y)]))
        #expect(constraint.relation == .atMost)
        #expect(constraint.right == 7)
    }

    @Test("terms that cancel vanish, and order of writing does not matter")
    func cancelling() {
        var program = IntegerProgram()
        let x = program.integer("x")
        let y = program.integer("y")
        let constraint: Constraint = y + x - y == 2
        #expect(constraint.left == LinearExpression([.init(1, x)]))
        #expect((y + x <= 1) as Constraint == (x + y <= 1))
    }

    @Test("a sum over a sequence is the sum of its members")
    func sums() {
        var program = IntegerProgram()
        let x = (1...3).map { program.integer("x_\($0)") }
        var written = x[0] + x[1]
        written += x[2]
        #expect(x.sum() == written)
        #expect([Variable]().sum() == LinearExpression())
    }
}
