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

    /// The leading numbers: 0, 16, 0 of 0.16.0rc1; nil where it begins with none.
    public var numbers: [Int]? {
        var numbers: [Int] = []
        for part in description.split(separator: ".") {
            let digits = part.prefix(while: \.isWholeNumber)
            guard let number = Int(digits) else { break }
            numbers.append(number)
            if digits.count < part.count { break }
        }
        return numbers.isEmpty ? nil : numbers
    }

    /// By their texts.
    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.description < rhs.description }
}

extension Character {
    fileprivate var isOfVersions: Bool {
        isASCII && (isLetter || isNumber || ".-_+:/@".contains(self))
    }
}
