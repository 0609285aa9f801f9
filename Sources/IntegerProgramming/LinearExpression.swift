/// A sum of variables with coefficients, and a constant.
public struct LinearExpression: Hashable, Sendable {
    public struct Term: Hashable, Sendable {
        public let coefficient: Double
        public let variable: Variable

        public init(_ coefficient: Double, _ variable: Variable) {
            self.coefficient = coefficient
            self.variable = variable
        }
    }

    /// In the order written; a variable may occur more than once.
    public private(set) var terms: [Term]
    public private(set) var constant: Double

    public init(_ terms: [Term] = [], constant: Double = 0) {
        self.terms = terms
        self.constant = constant
    }

    /// The same sum with each variable once, by order of creation, and no zero coefficient.
    var collected: Self {
        let ordered = terms.enumerated().sorted {
            ($0.element.variable.index, $0.offset) < ($1.element.variable.index, $1.offset)
        }
        var merged: [Term] = []
        for term in ordered.map(\.element) {
            guard let last = merged.last, last.variable == term.variable else {
                merged.append(term)
                continue
            }
            merged[merged.endIndex - 1] = Term(
                last.coefficient + term.coefficient, last.variable)
        }
        return Self(merged.filter { $0.coefficient != 0 }, constant: constant)
    }

    mutating func add(_ other: Self) {
        terms += other.terms
        constant += other.constant
    }

    func scaled(by factor: Double) -> Self {
        Self(
            terms.map { Term($0.coefficient * factor, $0.variable) }, constant: constant * factor)
    }
}

/// A variable or an expression: whatever the operators of a formulation take beside numbers.
public protocol LinearTerm {
    var expression: LinearExpression { get }
}

extension LinearExpression: LinearTerm {
    public var expression: LinearExpression { self }
}

extension Variable: LinearTerm {
    public var expression: LinearExpression { LinearExpression([.init(1, self)]) }
}

extension Sequence where Element: LinearTerm {
    /// Σ of the elements; zero where there are none.
    public func sum() -> LinearExpression {
        reduce(into: LinearExpression()) { $0.add($1.expression) }
    }
}
