extension IntegerProgram {
    /// Refuses what the solver would refuse, or take in silence and answer wrongly.
    func validate() throws(SolverError) {
        try refuseDuplicates(columns.map(\.name)) { .duplicateVariable($0) }
        try refuseDuplicates(constraints.map(\.name)) { .duplicateConstraint($0) }
        for column in columns {
            try column.validate()
        }
        try validate(objective, in: "the objective")
        for named in constraints {
            let place = "constraint \(named.name)"
            try validate(named.constraint.left, in: place)
            try requireFinite(named.constraint.right, "the right side", in: place)
        }
        try validateSize()
    }

    private func validate(
        _ expression: LinearExpression, in place: String
    ) throws(SolverError) {
        for term in expression.terms {
            let variable = term.variable
            guard columns.indices.contains(variable.index),
                columns[variable.index].name == variable.name
            else { throw .foreignVariable(variable.name, place: place) }
            try requireFinite(term.coefficient, "the coefficient of \(variable.name)", in: place)
        }
        try requireFinite(expression.constant, "the constant", in: place)
    }

    private func requireFinite(
        _ number: Double, _ what: String, in place: String
    ) throws(SolverError) {
        guard number.isFinite else {
            throw .notFinite(number, what: what, place: place)
        }
    }

    private func refuseDuplicates(
        _ names: [String], _ error: (String) -> SolverError
    ) throws(SolverError) {
        var seen: Set<String> = []
        for name in names {
            guard seen.insert(name).inserted else { throw error(name) }
        }
    }

    private func validateSize() throws(SolverError) {
        let entries = constraints.reduce(0) { $0 + $1.constraint.left.terms.count }
        let largest = max(columns.count, constraints.count, entries)
        guard largest < Int(Int32.max) else { throw .tooLarge(largest) }
    }
}

extension Column {
    fileprivate func validate() throws(SolverError) {
        // A NaN fails the comparison, too.
        guard lower <= upper, lower < .infinity, upper > -.infinity else {
            throw .impossibleBounds(variable: name, lower: lower, upper: upper)
        }
        guard kind != .continuous else { return }
        for bound in [lower, upper] where bound.isFinite && bound != bound.rounded() {
            throw .fractionalBound(variable: name, bound: bound)
        }
    }
}
