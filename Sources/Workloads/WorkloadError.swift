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
            Line \(line): found '\(found)', expected a CSV header with new_tokens and \
            output_tokens or with arrival_unit_rate_s, a JSON session with rounds, or a Mooncake \
            request with hash_ids; name the format, or convert the trace to one of these.
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
        }
    }
}
