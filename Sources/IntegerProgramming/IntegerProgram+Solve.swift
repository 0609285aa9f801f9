import CSolver

extension IntegerProgram {
    /// Searches for the optimum with GLPK on the calling thread.
    ///
    /// The integers of the answer are whole, and every constraint has been checked on the answer.
    ///
    /// - Throws: where the program or the limits are not well formed, and where the solver gives
    ///   up or its answer does not hold; an infeasible program is an answer.
    public func solve(limits: SolverLimits = SolverLimits()) throws(SolverError) -> Solution {
        try limits.validate()
        try validate()
        let (result, values) = minimised(limits: limits)
        let status = try status(of: result)
        guard result.has_point else { return pointless(status, bound: result.bound) }
        try check(values)
        let objective = objective.value(at: values)
        let isExact = status == .optimal && limits.relativeGap == 0
        let bound = min(objective, result.bound + self.objective.constant)
        return Solution(
            status: status, objective: objective, bound: isExact ? objective : bound,
            values: values, names: columns.map(\.name))
    }

    private func minimised(limits: SolverLimits) -> (CSolverResult, [Double]) {
        let rows = constraints.map(\.constraint.row)
        let columns = flatColumns
        let entries = flatEntries
        var values = [Double](repeating: 0, count: columns.count)
        let result = rows.withUnsafeBufferPointer { rows in
            columns.withUnsafeBufferPointer { columns in
                entries.withUnsafeBufferPointer { entries in
                    var program = CSolverProgram(
                        rows: rows.baseAddress, columns: columns.baseAddress,
                        entries: entries.baseAddress, row_count: Int32(rows.count),
                        column_count: Int32(columns.count), entry_count: Int32(entries.count),
                        time_limit_ms: limits.milliseconds, relative_gap: limits.relativeGap)
                    return csolver_minimise(&program, &values)
                }
            }
        }
        // Adding zero turns -0 into 0.
        return (result, values.map { $0 + 0 })
    }

    private var flatColumns: [CSolverColumn] {
        var flat = columns.map { column in
            CSolverColumn(
                lower: column.lower, upper: column.upper, cost: 0,
                is_integer: column.kind != .continuous)
        }
        for term in objective.terms {
            flat[term.variable.index].cost = term.coefficient
        }
        return flat
    }

    private var flatEntries: [CSolverEntry] {
        constraints.enumerated().flatMap { row, named in
            named.constraint.left.terms.map { term in
                CSolverEntry(
                    row: Int32(row), column: Int32(term.variable.index), value: term.coefficient)
            }
        }
    }

    private func status(of result: CSolverResult) throws(SolverError) -> Solution.Status {
        switch result.status {
        case CSOLVER_OPTIMAL: return .optimal
        case CSOLVER_INFEASIBLE: return .infeasible
        case CSOLVER_UNBOUNDED: return .unbounded
        case CSOLVER_TIME_LIMIT: return .timeLimit
        case CSOLVER_REFUSED: throw .refused(message: result.text)
        default: throw .failed(message: result.text)
        }
    }

    private func pointless(_ status: Solution.Status, bound: Double) -> Solution {
        let bound =
            switch status {
            case .infeasible: Double.infinity
            case .unbounded: -Double.infinity
            case .optimal, .timeLimit: bound + objective.constant
            }
        return Solution(status: status, objective: nil, bound: bound, values: [], names: [])
    }
}

extension Constraint {
    fileprivate var row: CSolverRow {
        CSolverRow(
            lower: relation == .atMost ? -.infinity : right,
            upper: relation == .atLeast ? .infinity : right)
    }
}

extension CSolverResult {
    /// The message, without the line breaks and blanks at its ends.
    fileprivate var text: String {
        let bytes = withUnsafeBytes(of: message) { Array($0.prefix { $0 != 0 }) }
        let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        return words.joined(separator: " ")
    }
}
