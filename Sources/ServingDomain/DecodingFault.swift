/// Why JSON text does not decode, without the words of the decoder.
public struct DecodingFault: Hashable, Sendable {
    /// Where, such as `curves[3].kind`; nil where it is the text as a whole.
    public let field: String?
    public let isMissing: Bool

    /// - Parameter error: of a `JSONDecoder`.
    public init(_ error: any Error) {
        guard let error = error as? DecodingError else {
            (field, isMissing) = (nil, false)
            return
        }
        switch error {
        case .keyNotFound(let key, let context):
            (field, isMissing) = (Self.path(context.codingPath + [key]), true)
        case .valueNotFound(_, let context), .typeMismatch(_, let context),
            .dataCorrupted(let context):
            field = context.codingPath.isEmpty ? nil : Self.path(context.codingPath)
            isMissing = false
        @unknown default: (field, isMissing) = (nil, false)
        }
    }

    /// What was found there.
    public var found: String { isMissing ? "nothing" : "a value of another kind" }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce("") { path, key in
            guard let index = key.intValue else {
                return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
            }
            return "\(path)[\(index)]"
        }
    }
}

extension DecodingFault: CustomStringConvertible {
    /// As part of a sentence: `curves[3].kind is missing`.
    public var description: String {
        guard let field else { return "it is no JSON of the expected form" }
        return isMissing ? "\(field) is missing" : "\(field) has a value of another kind"
    }
}
