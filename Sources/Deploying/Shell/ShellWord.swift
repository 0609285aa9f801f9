/// A word of a shell script before its variables are filled in.
struct ShellWord: Hashable, Sendable {
    enum Part: Hashable, Sendable {
        case text(String)
        /// `$NAME`, `${NAME}` and `${NAME:-fallback}`.
        case variable(String, fallback: String?)
        /// `"${NAME[@]}"`: as many words as the list has.
        case list(String)
        /// `${!NAME[@]}`: the places of a list, from 0.
        case places(String)
        /// `${#NAME[@]}`: how long a list is.
        case count(String)
        /// What only a running shell knows, as it is written.
        case unknown(String)
    }

    var parts: [Part] = []
    /// Whether any of it stood in quotation marks, so that an empty word is one.
    var isQuoted = false
    let line: Int

    init(line: Int) { self.line = line }

    var isEmpty: Bool { parts.isEmpty && !isQuoted }

    mutating func append(_ character: Character) {
        guard case .text(var text)? = parts.last else {
            return parts.append(.text(String(character)))
        }
        // Taken out first, so that the text grows in place.
        parts.removeLast()
        text.append(character)
        parts.append(.text(text))
    }

    /// The text where it is plain and not quoted, so that it may be a word of the language.
    var keyword: String? {
        guard !isQuoted, parts.count == 1, case .text(let text) = parts[0] else { return nil }
        return text
    }
}

/// What a script is made of before it is understood.
enum ShellToken: Hashable, Sendable {
    case word(ShellWord)
    /// End of a command: a line break, `;`, `&`, `|`, `&&` or `||`.
    case end
    case open
    case close
}
