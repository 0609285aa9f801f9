/// Documents as YAML and as JSON text.
extension DocumentValue {
    /// Block style with two spaces per level; lists and empty mappings on one line.
    public var yaml: String { yamlLines(indent: 0).map { $0 + "\n" }.joined() }

    /// Indented by two spaces, keys in the order of the document.
    public var json: String { json(indent: 0) }

    private func yamlLines(indent: Int) -> [String] {
        guard case .mapping(let entries) = self, !entries.isEmpty else { return [inlineYAML] }
        let lead = String(repeating: " ", count: indent)
        return entries.flatMap { entry -> [String] in
            let key = lead + Self.yamlText(entry.key) + ":"
            guard case .mapping(let inner) = entry.value, !inner.isEmpty else {
                return [key + " " + entry.value.inlineYAML]
            }
            return [key] + entry.value.yamlLines(indent: indent + 2)
        }
    }

    private var inlineYAML: String {
        switch self {
        case .text(let text): Self.yamlText(text)
        case .list(let values): "[" + values.map(\.inlineYAML).joined(separator: ", ") + "]"
        case .mapping(let entries):
            "{"
                + entries.map { Self.yamlText($0.key) + ": " + $0.value.inlineYAML }
                .joined(separator: ", ") + "}"
        default: scalarText
        }
    }

    private var scalarText: String {
        switch self {
        case .integer(let value): String(value)
        case .number(let value): value.description
        case .flag(let value): value ? "true" : "false"
        default: ""
        }
    }

    private func json(indent: Int) -> String {
        let lead = "\n" + String(repeating: " ", count: indent + 2)
        let end = "\n" + String(repeating: " ", count: indent)
        switch self {
        case .text(let text):
            return Self.quoted(text)
        case .list(let values) where values.contains(where: \.isNested):
            return "[" + lead
                + values.map { $0.json(indent: indent + 2) }
                .joined(separator: "," + lead) + end + "]"
        case .list(let values):
            return "[" + values.map { $0.json(indent: indent) }.joined(separator: ", ") + "]"
        case .mapping(let entries):
            guard !entries.isEmpty else { return "{}" }
            return "{" + lead
                + entries.map { Self.quoted($0.key) + ": " + $0.value.json(indent: indent + 2) }
                .joined(separator: "," + lead) + end + "}"
        default:
            return scalarText
        }
    }

    private var isNested: Bool {
        switch self {
        case .list, .mapping: true
        default: false
        }
    }

    /// Plain where every reader takes the word for a text; else in double quotes.
    private static func yamlText(_ text: String) -> String {
        let reserved = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
        let plain = text.utf8.allSatisfy { plainBytes.contains($0) }
        let first = text.utf8.first.map { letters.contains($0) } ?? false
        return plain && first && !reserved.contains(text.lowercased()) ? text : quoted(text)
    }

    /// A string literal that both JSON and YAML read.
    private static func quoted(_ text: String) -> String {
        "\"" + text.unicodeScalars.map(escaped).joined() + "\""
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar.value {
        case 0x22: return "\\\""
        case 0x5C: return "\\\\"
        case 0x20...0x7E, 0xA1...0x1FFF, 0x2030...0xD7FF: return String(scalar)
        case 0x10000...: return String(scalar)
        default:
            let hex = String(scalar.value, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        }
    }

    private static let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    private static let plainBytes = letters.union("0123456789_./-".utf8)
}

extension DocumentValue {
    /// YAML in block style throughout, two spaces per level, as manifests are written.
    ///
    /// Texts are quoted wherever a reader of YAML 1.1 or 1.2 could take them for something else.
    public var blockYAML: String { blockLines.map { $0 + "\n" }.joined() }

    private var blockLines: [String] {
        switch self {
        case .mapping(let entries) where !entries.isEmpty:
            entries.flatMap { $0.value.lines(behind: Self.yamlText($0.key) + ":") }
        case .list(let values) where !values.isEmpty:
            values.flatMap { value -> [String] in
                let inner = value.blockLines
                return inner.enumerated().map { ($0.offset == 0 ? "- " : "  ") + $0.element }
            }
        default: [inlineYAML]
        }
    }

    private func lines(behind key: String) -> [String] {
        isEmpty || !isNested ? [key + " " + inlineYAML] : [key] + blockLines.map { "  " + $0 }
    }

    private var isEmpty: Bool {
        switch self {
        case .list(let values): values.isEmpty
        case .mapping(let entries): entries.isEmpty
        default: false
        }
    }
}
