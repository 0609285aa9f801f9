/// What a command answers, in each of the forms that can be asked for.
public protocol Answer {
    /// A row for each thing that is told, for people.
    var table: TextTable { get }
    /// The rows as programs read them (CSV).
    var rows: TextTable { get }
    /// The whole document (JSON, YAML).
    var value: JSONValue { get }
    /// A document for each row (JSONL).
    var lines: [JSONValue] { get }

    /// The table for people with the words around it.
    func text(_ style: TextStyle) -> String
}

extension Answer {
    public var rows: TextTable { table }
    public var lines: [JSONValue] { value.elements ?? [value] }
    public func text(_ style: TextStyle) -> String { table.text(style) }
}

/// An answer that is a table and a document beside it.
public struct TableAnswer: Answer {
    public let table: TextTable
    public let value: JSONValue
    public let lines: [JSONValue]

    /// - Parameters:
    ///   - table: the rows.
    ///   - value: the document.
    ///   - key: of the array in the document that has the rows; without one the rows are the elements of
    ///     the document, or it is the only one.
    public init(_ table: TextTable, _ value: JSONValue, rowsAt key: String? = nil) {
        self.table = table
        self.value = value
        lines = (key.flatMap { value[$0] } ?? value).elements ?? [value]
    }
    /// The same with rows that are not in the document as they stand.
    public init(_ table: TextTable, _ value: JSONValue, lines: [JSONValue]) {
        self.table = table
        self.value = value
        self.lines = lines
    }
}
