/// Version of an engine, as versions are compared.
///
/// v0.18.0 is 0.18.0. Of other words letters, digits and the marks of versions and images count.
public struct EngineVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let description: String

    /// Nil where nothing is left of the text.
    public init?(_ text: String) {
        var rest = text.filter(\.isOfVersions)[...]
        if rest.first == "v" || rest.first == "V", rest.dropFirst().first?.isNumber == true {
            rest.removeFirst()
        }
        guard !rest.isEmpty else { return nil }
        description = String(rest)
    }

    /// The leading numbers, of an image those of its tag: 0, 16, 0 of 0.16.0rc1 and of `vllm/vllm-openai:v0.16.0`; nil
    /// where it begins with none.
    public var numbers: [Int]? {
        var numbers: [Int] = []
        // What stands behind a port is no tag.
        let last = description.split(separator: ":").last.map(String.init) ?? ""
        let tag = last.contains("/") ? description : Self(last)?.description ?? ""
        for part in tag.split(separator: ".") {
            let digits = part.prefix(while: \.isWholeNumber)
            guard let number = Int(digits) else { break }
            numbers.append(number)
            if digits.count < part.count { break }
        }
        return numbers.isEmpty ? nil : numbers
    }

    /// Whether it is this version or a later one, by their numbers; nil where one of both has none.
    public func isAtLeast(_ other: Self) -> Bool? {
        guard var own = numbers, let first = other.numbers else { return nil }
        // 0.14 is 0.14.0.
        own += Array(repeating: 0, count: max(0, first.count - own.count))
        return !own.lexicographicallyPrecedes(first)
    }

    /// By their texts.
    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.description < rhs.description }
}

extension Character {
    fileprivate var isOfVersions: Bool {
        isASCII && (isLetter || isNumber || ".-_+:/@".contains(self))
    }
}
