/// A value of a file together with the place where it stands.
public struct SourceValue: Sendable {
    public enum Content: Sendable {
        case scalar(String, quoted: Bool)
        case list([SourceValue])
        case mapping([Entry])
    }

    public struct Entry: Sendable {
        public let key: String
        public let place: SourcePlace
        public let value: SourceValue
    }

    public let place: SourcePlace
    public let content: Content

    /// Whether the value is written as nothing at all, `~` or `null`.
    public var isNull: Bool {
        guard case .scalar(let text, quoted: false) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    public var entries: [Entry]? {
        guard case .mapping(let entries) = content else { return nil }
        return entries
    }

    /// The value under `key`; nil where there is none or this is no section.
    public func member(_ key: String) -> SourceValue? {
        entries?.last { $0.key == key }?.value
    }

    /// The value behind several keys.
    public func member(at path: String...) -> SourceValue? {
        path.reduce(Optional(self)) { value, key in value?.member(key) }
    }

    /// A scalar as it is written, quoted or not, `null` too.
    public var written: String? {
        guard case .scalar(let text, _) = content else { return nil }
        return text
    }

    public var elements: [SourceValue]? {
        guard case .list(let elements) = content else { return nil }
        return elements
    }

    /// A scalar as it is written.
    public var text: String? {
        guard case .scalar(let text, _) = content, !isNull else { return nil }
        return text
    }

    /// `true` or `false`, without quotes.
    public var flag: Bool? {
        guard case .scalar(let text, quoted: false) = content else { return nil }
        return ["true": true, "True": true, "false": false, "False": false][text]
    }

    /// A finite decimal number, without quotes.
    public var number: Double? {
        guard case .scalar(let text, quoted: false) = content, isDecimal(text) else { return nil }
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    /// A whole number, without quotes; `4096.0` and `1e3` are accepted up to 2^53.
    public var integer: Int? {
        guard case .scalar(let text, quoted: false) = content, isDecimal(text) else { return nil }
        if let whole = Int(text) { return whole }
        guard let number, abs(number) <= 0x1p53 else { return nil }
        return Int(exactly: number)
    }

    /// How an error message shows the value.
    public var shown: String {
        switch content {
        case .scalar where isNull: "empty"
        case .scalar(let text, quoted: true): "the text \"\(text.shownInMessage)\""
        case .scalar(let text, quoted: false): "'\(text.shownInMessage)'"
        case .list(let elements): "a list of \(elements.count)"
        case .mapping: "a section with keys"
        }
    }

    /// Digits with sign, point and exponent only: no `inf`, no `0x10`, no octal `010`.
    private func isDecimal(_ text: String) -> Bool {
        guard text.utf8.allSatisfy({ Self.decimalBytes.contains($0) }) else { return false }
        let digits = text.drop { $0 == "-" || $0 == "+" }
        guard digits.first == "0", let second = digits.dropFirst().first else { return true }
        return !("0"..."9").contains(second)
    }

    private static let decimalBytes = Set("0123456789+-.eE".utf8)
}
