extension IntegerProgram {
    /// Share of the largest number in a constraint by which rounding may violate it.
    private static let tolerance = 1e-6

    /// Checks a point with whole integers against every bound and every constraint.
    func check(_ values: [Double]) throws(SolverError) {
        for (column, value) in zip(columns, values) {
            let excess = max(column.lower - value, value - column.upper)
            guard excess <= Self.tolerance * max(1, abs(value)) else {
                throw .violated(place: "the bounds of variable \(column.name)", excess: excess)
            }
        }
        for named in constraints {
            let constraint = named.constraint
            let excess = constraint.violation(at: constraint.left.value(at: values))
            guard excess <= Self.tolerance * constraint.scale(at: values) else {
                throw .violated(place: "constraint \(named.name)", excess: excess)
            }
        }
    }
}

extension Constraint {
    /// The largest number that takes part in the sum, at least 1.
    fileprivate func scale(at values: [Double]) -> Double {
        left.terms.reduce(max(1, abs(right))) {
            max($0, abs($1.coefficient * values[$1.variable.index]))
        }
    }
}

extension LinearExpression {
    /// Value at a point that has a place for every variable.
    func value(at values: [Double]) -> Double {
        terms.reduce(constant) { $0 + $1.coefficient * values[$1.variable.index] }
    }
}
