import Yams

extension JSONValue {
    /// The same document as YAML with sorted keys.
    public func yaml() throws -> String {
        try Yams.serialize(node: node, sortKeys: true)
    }

    private var node: Node {
        switch self {
        case .null: Node("null", Tag(.null))
        case .bool(let value): Node(value ? "true" : "false", Tag(.bool))
        case .integer(let value): Node(String(value), Tag(.int))
        case .number(let value): Node(value.yamlText, Tag(.float))
        case .string(let value): Node(value, Tag(.str), value.needsQuotes ? .doubleQuoted : .any)
        case .array(let values): Node(values.map(\.node), Tag(.seq))
        case .object(let members):
            Node(
                members.sorted { $0.key < $1.key }.map {
                    (JSONValue.string($0.key).node, $0.value.node)
                })
        }
    }
}

extension Double {
    /// The shortest text of the same number; with a point, without which readers of YAML 1.1 take
    /// `1e-07` for a string.
    fileprivate var yamlText: String {
        let text = String(self)
        guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
        return text[..<exponent] + ".0" + text[exponent...]
    }
}

extension String {
    /// Whether a plain YAML scalar of this text could be read as something else than a string, in
    /// YAML 1.1 or 1.2: numbers, dates, times, truth values and their many spellings.
    ///
    /// Only a text that begins with a letter is trusted to be none of them.
    fileprivate var needsQuotes: Bool {
        guard let first, first.isASCII, first.isLetter else { return true }
        return Double(self) != nil
            || ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(lowercased())
    }
}
