/// A linear relation: variables on the left, one number on the right.
public struct Constraint: Hashable, Sendable {
    public enum Relation: String, Hashable, Sendable {
        case atMost = "<="
        case equal = "="
        case atLeast = ">="
    }

    /// Each variable once; the constant is zero.
    public let left: LinearExpression
    public let relation: Relation
    public let right: Double

    /// Moves all variables to the left and all constants to the right.
    public init(_ lhs: LinearExpression, _ relation: Relation, _ rhs: LinearExpression) {
        self.left = LinearExpression((lhs - rhs).collected.terms)
        self.relation = relation
        self.right = rhs.constant - lhs.constant
    }

    /// How far a left side of `value` is on the wrong side of `right`; 0 where the relation holds.
    func violation(at value: Double) -> Double {
        switch relation {
        case .atMost: max(0, value - right)
        case .equal: abs(value - right)
        case .atLeast: max(0, right - value)
        }
    }
}

/// A constraint with the name by which errors and dumps call it.
struct NamedConstraint: Hashable, Sendable {
    let name: String
    let constraint: Constraint
}
