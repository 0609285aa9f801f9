/// Why an integer program has no answer.
public enum SolverError: Error, Hashable, Sendable {
    case duplicateVariable(String)
    case duplicateConstraint(String)
    /// `what` is the part of `place` in which the number stands.
    case notFinite(Double, what: String, place: String)
    case impossibleBounds(variable: String, lower: Double, upper: Double)
    case fractionalBound(variable: String, bound: Double)
    case foreignVariable(String, place: String)
    /// The largest of the numbers of variables, constraints and coefficients.
    case tooLarge(Int)
    case timeLimitTooShort(Duration)
    case gapOutOfRange(Double)
    /// The solver found the program ill formed although it passed validation.
    case refused(message: String)
    /// The solver could not finish, for numerical reasons as a rule.
    case failed(message: String)
    /// The rounded solution violates a constraint or a bound by `excess`.
    case violated(place: String, excess: Double)
}

extension SolverError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .duplicateVariable(let name):
            "Two variables of the integer program are named \(name); names must be unique, so "
                + "rename one of them."
        case .duplicateConstraint(let name):
            "Two constraints of the integer program are named \(name); names must be unique, so "
                + "rename one of them."
        case .notFinite(let number, let what, let place):
            "In \(place) of the integer program, \(what) is \(number); a finite number is "
                + "expected, so check the values it is computed from."
        case .impossibleBounds(let variable, let lower, let upper):
            "Variable \(variable) has lower bound \(lower) and upper bound \(upper); lower <= "
                + "upper is expected, with at most -infinity below and infinity above."
        case .fractionalBound(let variable, let bound):
            "Integer variable \(variable) has the bound \(bound); a whole number is expected, so "
                + "round the bound inwards."
        case .foreignVariable(let name, let place):
            "In \(place), variable \(name) belongs to another integer program; use a variable "
                + "made by this one."
        case .tooLarge(let count):
            "The integer program has \(count) variables, constraints or coefficients; at most "
                + "\(Int32.max - 1) are supported, so reduce the number of candidates."
        case .timeLimitTooShort(let time):
            "The time limit of the solver is \(time); at least one millisecond is expected."
        case .gapOutOfRange(let gap):
            "The relative gap of the solver is \(gap); a share from 0 to below 1 is expected."
        case .refused(let message):
            "GLPK refused the integer program (\(message)); its numbers may be too large, so "
                + "scale coefficients to about 1."
        case .failed(let message):
            "GLPK gave up on the integer program (\(message)); scale coefficients to about 1 and "
                + "tighten the bounds of integer variables."
        case .violated(let place, let excess):
            "The solver's answer violates \(place) by \(excess) once its integers are rounded; "
                + "scale coefficients to about 1 or tighten large bounds."
        }
    }
}
