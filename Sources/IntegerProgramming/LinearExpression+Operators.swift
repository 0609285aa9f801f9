// The arithmetic of formulations: `2 * x + y <= 5` is a constraint. Each operator takes two terms,
// or a term and a number on either side; numbers alone keep the standard operators.

public prefix func - (term: some LinearTerm) -> LinearExpression {
    term.expression.scaled(by: -1)
}

public func + (lhs: some LinearTerm, rhs: some LinearTerm) -> LinearExpression {
    var sum = lhs.expression
    sum.add(rhs.expression)
    return sum
}

public func + (lhs: some LinearTerm, rhs: Double) -> LinearExpression {
    lhs + LinearExpression(constant: rhs)
}

public func + (lhs: Double, rhs: some LinearTerm) -> LinearExpression {
    LinearExpression(constant: lhs) + rhs
}

public func - (lhs: some LinearTerm, rhs: some LinearTerm) -> LinearExpression {
    lhs + rhs.expression.scaled(by: -1)
}

public func - (lhs: some LinearTerm, rhs: Double) -> LinearExpression {
    lhs - LinearExpression(constant: rhs)
}

public func - (lhs: Double, rhs: some LinearTerm) -> LinearExpression {
    LinearExpression(constant: lhs) - rhs
}

public func += (lhs: inout LinearExpression, rhs: some LinearTerm) {
    lhs.add(rhs.expression)
}

public func * (factor: Double, term: some LinearTerm) -> LinearExpression {
    term.expression.scaled(by: factor)
}

public func * (term: some LinearTerm, factor: Double) -> LinearExpression {
    term.expression.scaled(by: factor)
}

public func <= (lhs: some LinearTerm, rhs: some LinearTerm) -> Constraint {
    Constraint(lhs.expression, .atMost, rhs.expression)
}

public func <= (lhs: some LinearTerm, rhs: Double) -> Constraint {
    lhs <= LinearExpression(constant: rhs)
}

public func <= (lhs: Double, rhs: some LinearTerm) -> Constraint {
    LinearExpression(constant: lhs) <= rhs
}

public func >= (lhs: some LinearTerm, rhs: some LinearTerm) -> Constraint {
    Constraint(lhs.expression, .atLeast, rhs.expression)
}

public func >= (lhs: some LinearTerm, rhs: Double) -> Constraint {
    lhs >= LinearExpression(constant: rhs)
}

public func >= (lhs: Double, rhs: some LinearTerm) -> Constraint {
    LinearExpression(constant: lhs) >= rhs
}

public func == (lhs: some LinearTerm, rhs: some LinearTerm) -> Constraint {
    Constraint(lhs.expression, .equal, rhs.expression)
}

public func == (lhs: some LinearTerm, rhs: Double) -> Constraint {
    lhs == LinearExpression(constant: rhs)
}

public func == (lhs: Double, rhs: some LinearTerm) -> Constraint {
    LinearExpression(constant: lhs) == rhs
}
