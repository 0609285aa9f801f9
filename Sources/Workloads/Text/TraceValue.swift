/// A value as a trace wrote it, before anything is known about its range.
enum TraceValue {
    case whole(Int)
    case number(Double)
    /// Neither a number nor nothing, as a message shall show it.
    case other(String)

    init(text: String) {
        if let whole = Int(text) {
            self = .whole(whole)
        } else if let number = Double(text) {
            self = .number(number)
        } else {
            self = .other(text.isEmpty ? "nothing" : "'\(text.prefix(40))'")
        }
    }

    /// As a message shall show it.
    var shown: String {
        switch self {
        case .whole(let value): String(value)
        case .number(let value): String(value)
        case .other(let text): text
        }
    }
}

extension TraceValue: Decodable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let whole = try? container.decode(Int.self) {
            self = .whole(whole)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .other("'\(text.prefix(40))'")
        } else {
            self = .other("something that is no number")
        }
    }
}

/// Reads values of one place of a trace and knows what to say of the bad ones.
struct TraceFields {
    /// A line, or where in a document.
    private enum Place {
        case line(Int)
        case path(String)
    }

    private let place: Place

    init(line: Int) { place = .line(line) }

    /// - Parameter path: of an object in a document, such as `requests[3]`.
    init(path: String) { place = .path(path) }

    /// Tokens from 0 to 2³¹ − 1.
    func tokens(_ field: String, _ value: TraceValue?) throws(WorkloadError) -> Int {
        guard case .whole(let tokens) = value, (0...Int(Int32.max)).contains(tokens) else {
            throw bad(field, value, expected: "a whole number of tokens from 0 to \(Int32.max)")
        }
        return tokens
    }

    /// Nanoseconds of a time in seconds, or in another unit of `scale` nanoseconds.
    func time(
        _ field: String, _ value: TraceValue?, scale: Double = 1e9, unit: String = "seconds"
    ) throws(WorkloadError) -> Int64 {
        if case .whole(let whole) = value, whole >= 0, let factor = Int(exactly: scale),
            case (let product, false) = whole.multipliedReportingOverflow(by: factor),
            product <= 9_000_000_000_000_000_000
        {
            return Int64(product)
        }
        let number: Double? =
            switch value {
            case .whole(let whole): Double(whole)
            case .number(let number): number
            case .other, nil: nil
            }
        // Nine billion seconds still fit into 64 bits of nanoseconds.
        guard let number, number >= 0, number * scale <= 9e18 else {
            throw bad(field, value, expected: "\(unit), a number from 0 to \(9e18 / scale)")
        }
        return Nanoseconds.rounding(number * scale)
    }

    func bad(_ field: String, _ value: TraceValue?, expected: String) -> WorkloadError {
        let found = value?.shown ?? "nothing"
        switch place {
        case .line(let line):
            return .badField(line: line, field: field, found: found, expected: expected)
        case .path(let path):
            return .badValue(
                path: path.isEmpty ? field : "\(path).\(field)", found: found, expected: expected)
        }
    }
}
