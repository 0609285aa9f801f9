import Foundation

/// Decodes one JSON object per line.
enum JSONLine {
    /// - Throws: where the line is no such object, or no UTF-8.
    static func decode<Value: Decodable>(
        _ type: Value.Type, from line: TraceLine, expected: String
    ) throws(WorkloadError) -> Value {
        _ = try line.text()
        do {
            return try JSONDecoder().decode(type, from: Data(line.bytes[line.range]))
        } catch let error as DecodingError {
            throw Self.error(error, line, expected: expected)
        } catch {
            throw .badLine(line: line.number, found: "'\(line.excerpt)'", expected: expected)
        }
    }

    private static func error(
        _ error: DecodingError, _ line: TraceLine, expected: String
    ) -> WorkloadError {
        switch error {
        case .keyNotFound(let key, let context):
            return .badField(
                line: line.number, field: path(context.codingPath + [key]), found: "nothing",
                expected: expected)
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context):
            guard !context.codingPath.isEmpty else { break }
            return .badField(
                line: line.number, field: path(context.codingPath),
                found: "a value of another kind",
                expected: expected)
        @unknown default: break
        }
        return .badLine(line: line.number, found: "'\(line.excerpt)'", expected: expected)
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce("") { path, key in
            guard let index = key.intValue else {
                return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
            }
            return "\(path)[\(index)]"
        }
    }
}
