/// A mixed-integer linear program as data: minimise a sum subject to named constraints.
///
/// ```swift
/// var program = IntegerProgram()
/// let x = program.integer("x", from: 0, to: 4)
/// let y = program.binary("y")
/// program.minimise(-3 * x - 5 * y)
/// program.subject(to: 2 * x + 4 * y <= 9, named: "weight")
/// let solution = try program.solve()
/// ```
///
/// Building never fails; `solve` refuses a program that is not well formed. Coefficients of about
/// 1 are solved best.
public struct IntegerProgram: Hashable, Sendable {
    private(set) var columns: [Column] = []
    private(set) var constraints: [NamedConstraint] = []
    private(set) var objective = LinearExpression()

    public init() {}

    /// An unknown that is zero or one.
    public mutating func binary(_ name: String) -> Variable {
        add(Column(name: name, kind: .binary, lower: 0, upper: 1))
    }

    /// A whole unknown with whole or infinite bounds; close bounds are solved faster.
    public mutating func integer(
        _ name: String, from lower: Double = 0, to upper: Double = .infinity
    ) -> Variable {
        add(Column(name: name, kind: .integer, lower: lower, upper: upper))
    }

    /// A real unknown with finite or infinite bounds.
    public mutating func continuous(
        _ name: String, from lower: Double = 0, to upper: Double = .infinity
    ) -> Variable {
        add(Column(name: name, kind: .continuous, lower: lower, upper: upper))
    }

    public mutating func subject(to constraint: Constraint, named name: String) {
        constraints.append(NamedConstraint(name: name, constraint: constraint))
    }

    /// Sets the objective, in place of the one before.
    public mutating func minimise(_ objective: some LinearTerm) {
        self.objective = objective.expression.collected
    }

    private mutating func add(_ column: Column) -> Variable {
        columns.append(column)
        return Variable(name: column.name, index: columns.endIndex - 1)
    }
}
