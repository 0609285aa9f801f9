import Foundation
import ServingDomain

/// Decodes one JSON object per line.
enum JSONLine {
    /// - Throws: where the line is no such object, or no UTF-8.
    static func decode<Value: Decodable>(
        _ type: Value.Type, from line: TraceLine, expected: String
    ) throws(WorkloadError) -> Value {
        _ = try line.text()
        do {
            return try JSONDecoder().decode(type, from: Data(line.bytes[line.range]))
        } catch {
            guard let field = DecodingFault(error).field else {
                throw .badLine(line: line.number, found: "'\(line.excerpt)'", expected: expected)
            }
            throw .badField(
                line: line.number, field: field, found: DecodingFault(error).found,
                expected: expected)
        }
    }
}
