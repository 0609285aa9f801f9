/// An integer program in the CPLEX LP format, for people and for other solvers.
///
/// Numbers are written so that reading them gives the same doubles. Names that the format does not
/// allow are changed; comments at the top list them.
public struct LPText: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// - Throws: where the program is not well formed.
    public init(_ program: IntegerProgram) throws(SolverError) {
        try program.validate()
        description = LPWriter(program).text
    }
}

/// Writes the sections of one program.
private struct LPWriter {
    /// Readers may refuse lines of more than 255 characters; a word has up to 230.
    private static let lineLength = 100

    private let program: IntegerProgram
    private let names: LPNames

    init(_ program: IntegerProgram) {
        self.program = program
        names = LPNames(
            variables: program.columns.map(\.name), constraints: program.constraints.map(\.name))
    }

    var text: String {
        let lines =
            names.comments + objective + constraints + bounds
            + section("General", of: .integer) + section("Binary", of: .binary) + ["End"]
        return lines.joined(separator: "\n") + "\n"
    }

    /// The format has no constant in the objective: a variable that is fixed stands for it.
    private var hasConstant: Bool { program.objective.constant != 0 || program.columns.isEmpty }

    private var objective: [String] {
        var words = words(of: program.objective) + wordsOfUnusedVariables
        if hasConstant {
            words += self.words(of: program.objective.constant, names.constant)
        }
        return ["Minimize"] + wrapped(["obj:"] + (words.isEmpty ? zero : words))
    }

    /// A sum of nothing: readers expect one term at least.
    private var zero: [String] { ["0", names.variables.first ?? names.constant] }

    /// A reader learns of a variable where it is first used.
    private var wordsOfUnusedVariables: [String] {
        var isUsed = [Bool](repeating: false, count: program.columns.count)
        let sums = [program.objective] + program.constraints.map(\.constraint.left)
        for term in sums.flatMap(\.terms) {
            isUsed[term.variable.index] = true
        }
        return isUsed.indices.filter { !isUsed[$0] }.flatMap { ["+ 0", names.variables[$0]] }
    }

    private var constraints: [String] {
        let rows = zip(program.constraints, names.constraints).flatMap { named, name in
            wrapped(["\(name):"] + left(of: named.constraint) + right(of: named.constraint))
        }
        // GLPK's reader wants one constraint at least.
        return ["Subject To"] + (rows.isEmpty ? wrapped(["none:"] + zero + ["<= 0"]) : rows)
    }

    private func left(of constraint: Constraint) -> [String] {
        constraint.left.terms.isEmpty ? zero : words(of: constraint.left)
    }

    private func right(of constraint: Constraint) -> [String] {
        [constraint.relation.rawValue, number(constraint.right)]
    }

    private var bounds: [String] {
        let lines = zip(program.columns, names.variables)
            .filter { column, _ in column.kind != .binary }
            .map { column, name in "  " + bound(column, name) }
        let fixed = hasConstant ? ["  \(names.constant) = 1"] : []
        return lines.isEmpty && fixed.isEmpty ? [] : ["Bounds"] + lines + fixed
    }

    private func bound(_ column: Column, _ name: String) -> String {
        switch (column.lower, column.upper) {
        case (-.infinity, .infinity): "\(name) free"
        case (let lower, let upper) where lower == upper: "\(name) = \(number(lower))"
        case (let lower, .infinity): "\(name) >= \(number(lower))"
        case (-.infinity, let upper): "-inf <= \(name) <= \(number(upper))"
        case (let lower, let upper): "\(number(lower)) <= \(name) <= \(number(upper))"
        }
    }

    private func section(_ title: String, of kind: Variable.Kind) -> [String] {
        let members = zip(program.columns, names.variables).filter { $0.0.kind == kind }.map(\.1)
        return members.isEmpty ? [] : [title] + wrapped(members)
    }

    private func words(of expression: LinearExpression) -> [String] {
        expression.terms.flatMap { words(of: $0.coefficient, names.variables[$0.variable.index]) }
    }

    private func words(of coefficient: Double, _ name: String) -> [String] {
        let sign = coefficient < 0 ? "-" : "+"
        let size = abs(coefficient)
        return size == 1 ? ["\(sign) \(name)"] : ["\(sign) \(number(size))", name]
    }

    private func wrapped(_ words: [String]) -> [String] {
        var lines: [String] = []
        var line = " "
        for word in words {
            if line.count + 1 + word.count > Self.lineLength, line != " " {
                lines.append(line)
                line = "   "
            }
            line += " " + word
        }
        return lines + [line]
    }

    /// The shortest text that reads back as the same double; whole numbers without a point.
    private func number(_ value: Double) -> String {
        abs(value) < 1e15 ? Int(exactly: value).map(String.init) ?? "\(value)" : "\(value)"
    }
}
