/// What a search for the optimum of an integer program came to.
public struct Solution: Hashable, Sendable {
    public enum Status: String, Hashable, Sendable {
        /// No feasible point is better by more than the gap asked for, or by more than about one
        /// part in ten million where that is zero: the tolerance of GLPK.
        case optimal
        case infeasible
        /// There are feasible points of any objective, however low.
        case unbounded
        /// The time ran out; there may be a point.
        case timeLimit
    }

    public let status: Status
    /// Objective of the point found, or nil where there is none.
    public let objective: Double?
    /// No feasible point has a lower objective; minus infinity where nothing is known, infinity
    /// where no point is feasible.
    public let bound: Double
    /// One per variable of the program, or empty where no point was found.
    private let values: [Double]
    private let names: [String]

    init(status: Status, objective: Double?, bound: Double, values: [Double], names: [String]) {
        self.status = status
        self.objective = objective
        self.bound = bound
        self.values = values
        self.names = names
    }

    /// How far the objective may be above the optimum, as a share of its size; nil without a point,
    /// infinite where no bound is known.
    public var gap: Double? {
        objective.map { objective in
            objective == bound ? 0 : (objective - bound) / max(abs(objective), 1e-9)
        }
    }

    /// Value of a variable, whole where the variable is; nil where there is no point, and for a
    /// variable of another program.
    public func value(of variable: Variable) -> Double? {
        guard values.indices.contains(variable.index), names[variable.index] == variable.name
        else { return nil }
        return values[variable.index]
    }

    /// Value of an expression; nil where `value(of:)` is for one of its variables.
    public func value(of expression: LinearExpression) -> Double? {
        var sum = expression.constant
        for term in expression.terms {
            guard let value = value(of: term.variable) else { return nil }
            sum += term.coefficient * value
        }
        return sum
    }

    /// Value of a variable as a whole number; nil where it is none, or `value(of:)` is nil.
    public func integer(of variable: Variable) -> Int? {
        value(of: variable).flatMap(Int.init(exactly:))
    }

    /// Whether there is a point and the variable is one in it.
    public func isOne(_ variable: Variable) -> Bool { value(of: variable) == 1 }
}
