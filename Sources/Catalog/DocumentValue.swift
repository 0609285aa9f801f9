/// A tree of keys and values in a fixed order: what a file says, ready to be written.
public indirect enum DocumentValue: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        public let key: String
        public let value: DocumentValue

        public init(_ key: String, _ value: DocumentValue) {
            self.key = key
            self.value = value
        }
    }

    case text(String)
    case integer(Int)
    case number(Double)
    case flag(Bool)
    case list([DocumentValue])
    case mapping([Entry])

    /// The value under `key`, or nil.
    public subscript(key: String) -> DocumentValue? {
        guard case .mapping(let entries) = self else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// Paths of all values that are no mappings, such as `cluster.nodes`.
    public func leafPaths(under prefix: String = "") -> [String] {
        guard case .mapping(let entries) = self else { return [prefix] }
        return entries.flatMap { entry in
            entry.value.leafPaths(under: prefix.isEmpty ? entry.key : prefix + "." + entry.key)
        }
    }

    /// Whole numbers without a decimal point, others with as many digits as they need.
    static func decimal(_ value: Double) -> DocumentValue {
        guard let whole = Int(exactly: value), abs(value) < 1e15 else { return .number(value) }
        return .integer(whole)
    }
}

extension DocumentValue: Encodable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .mapping(let entries):
            var container = encoder.container(keyedBy: Key.self)
            for entry in entries {
                try container.encode(entry.value, forKey: Key(stringValue: entry.key))
            }
        case .text(let text): try encode(text, to: encoder)
        case .integer(let value): try encode(value, to: encoder)
        case .number(let value): try encode(value, to: encoder)
        case .flag(let value): try encode(value, to: encoder)
        case .list(let values): try encode(values, to: encoder)
        }
    }

    private func encode(_ value: some Encodable, to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
