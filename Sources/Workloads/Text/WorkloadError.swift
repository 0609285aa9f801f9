public import ServingDomain

/// Why a trace cannot be read.
public enum WorkloadError: Error, Hashable, Sendable {
    /// Nothing but blank lines, comments or a header.
    case empty
    /// Bytes that are no UTF-8 text.
    case notText(line: Int)
    /// The first line belongs to no known format.
    case unknownFormat(line: Int, found: String)
    /// The header has no such column.
    case missingColumn(line: Int, column: String, found: [String])
    case badField(line: Int, field: String, found: String, expected: String)
    case badLine(line: Int, found: String, expected: String)
    /// A value inside a document of JSON.
    case badValue(path: String, found: String, expected: String)
    /// No JSON; the column counts bytes from 1.
    case badJSON(line: Int, column: Int, expected: String)
    /// Text in another encoding, or a compressed one that is damaged.
    case badEncoding(found: String)
    /// A file of another format than those before it.
    case otherFormat(found: TraceFormat, expected: TraceFormat)
}

extension WorkloadError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty:
            "The trace holds no requests; expected at least one line of data."
        case .notText(let line):
            "Line \(line): found bytes that are not UTF-8; save the trace as UTF-8 text."
        case .unknownFormat(let line, let found):
            """
            Line \(line): found '\(found)', expected a CSV header or a JSON object of a known \
            format (docs/traces.md); name the format, or convert the trace to one of these.
            """
        case .missingColumn(let line, let column, let found):
            """
            Line \(line): found the columns \(found.joined(separator: ", ")), expected also \
            \(column); add it to the header and to every row.
            """
        case .badField(let line, let field, let found, let expected):
            "Line \(line), \(field): found \(found), expected \(expected); correct the line."
        case .badLine(let line, let found, let expected):
            "Line \(line): found \(found), expected \(expected); correct the line."
        case .badValue(let path, let found, let expected):
            "\(path): found \(found), expected \(expected); correct the value."
        case .badJSON(let line, let column, let expected):
            "Line \(line), byte \(column): found no JSON, expected \(expected); correct the text."
        case .badEncoding(let found):
            "Found \(found), expected UTF-8 text, as it is or packed by gzip once."
        case .otherFormat(let found, let expected):
            """
            Found a trace of the format \(found.rawValue), expected \(expected.rawValue), as the \
            files before it; describe them one by one.
            """
        }
    }
}
