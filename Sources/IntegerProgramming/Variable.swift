/// An unknown of one integer program, made by that program and good only there.
public struct Variable: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// Zero or one.
        case binary
        case integer
        case continuous
    }

    public let name: String
    let index: Int
}

/// What a program knows of a variable.
struct Column: Hashable, Sendable {
    let name: String
    let kind: Variable.Kind
    /// May be infinite.
    let lower: Double
    /// May be infinite.
    let upper: Double
}
