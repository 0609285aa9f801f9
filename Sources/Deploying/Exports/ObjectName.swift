import ServingDomain

/// Names that Kubernetes, Helm and Slurm take.
enum ObjectName {
    /// A label of RFC 1123 made from any text: what is not a letter or digit becomes a hyphen.
    ///
    /// A text that is no such label as it stands gets eight digits of its own, so that different names stay
    /// different.
    ///
    /// - Parameters:
    ///   - text: any name.
    ///   - most: characters, at least 20.
    /// - Returns: a name that begins with a letter.
    static func label(_ text: String, most: Int) -> String {
        var label = ""
        for scalar in text.lowercased().unicodeScalars.prefix(4 * most) {
            let isPlain = ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
            if isPlain {
                label.unicodeScalars.append(scalar)
            } else if !label.hasSuffix("-"), !label.isEmpty {
                label += "-"
            }
        }
        if let first = label.unicodeScalars.first, !("a"..."z").contains(first) {
            label = "plan-" + label
        }
        let isName = !label.isEmpty && label.count <= most && !label.hasSuffix("-")
        guard label != text || !isName else { return label }
        let head = String(label.prefix(most - 9)).withoutHyphenAtEnd
        return (head.isEmpty ? "plan" : head) + "-" + digits(of: text)
    }

    /// The value of a Kubernetes label: the text itself where it is one.
    static func labelValue(_ text: String) -> String {
        let isValue =
            (1...63).contains(text.utf8.count)
            && text.utf8.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
            && [text.utf8.first, text.utf8.last].allSatisfy { $0.map(isAlphanumeric) ?? false }
        return isValue ? text : label(text, most: 63)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// A hash of the bytes, its upper and lower half folded.
    private static func digits(of text: String) -> String {
        let hash = ByteHash(of: text).value
        let folded = UInt32(truncatingIfNeeded: hash ^ (hash >> 32))
        let hex = String(folded, radix: 16)
        return String(repeating: "0", count: 8 - hex.count) + hex
    }
}

extension String {
    fileprivate var withoutHyphenAtEnd: String {
        hasSuffix("-") ? String(dropLast()) : self
    }

    /// The text as one word of a shell: in single quotes where it needs them, in double ones where it
    /// looks as if the shell were to fill something in.
    package var shellWord: String {
        let plain = utf8.allSatisfy { Self.plainInShell.contains($0) }
        guard !plain || isEmpty else { return self }
        guard contains("$") || contains("`") else {
            return "'" + replacing("'", with: "'\\''") + "'"
        }
        var text = ""
        for character in self {
            text += "\\\"$`".contains(character) ? "\\\(character)" : String(character)
        }
        return "\"" + text + "\""
    }

    private static let plainInShell = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+:,./-".utf8)
}
