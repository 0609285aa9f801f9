/// Cuts a script into words: quotation marks, escapes, comments, redirections and here-documents.
struct ShellLexer {
    private let characters: [Character]
    private var index = 0
    private var line = 1
    private var tokens: [ShellToken] = []
    private var word: ShellWord
    /// Whether the next word is the target of a redirection.
    private var skipsWord = false
    private var delimiters: [String] = []
    private var awaitsDelimiter = false

    init(_ text: String) {
        characters = Array(text.replacing("\r\n", with: "\n"))
        word = ShellWord(line: 1)
    }

    mutating func run() -> [ShellToken] {
        while let next = peek() { step(next) }
        finishWord()
        tokens.append(.end)
        return tokens
    }

    private func peek(_ offset: Int = 0) -> Character? {
        let place = index + offset
        return characters.indices.contains(place) ? characters[place] : nil
    }

    private mutating func step(_ next: Character) {
        switch next {
        case "\n": endLine()
        case " ", "\t": advance(); finishWord()
        case "#" where word.isEmpty: skipLine()
        case "\\": escape()
        case "'": singleQuotes()
        case "\"": doubleQuotes()
        case "$": dollar()
        case "`": opaque(from: "`", to: "`")
        case ";": advance(); finishWord(); tokens.append(.end)
        case "&" where peek(1) == ">": redirection()
        case "&", "|": advance(); finishWord(); tokens.append(.end)
        case "<", ">": redirection()
        case "(" where peek(1) == "(" && word.isEmpty: opaque(from: "(", to: ")")
        case "(": advance(); openBracket()
        case ")": advance(); finishWord(); tokens.append(.close)
        default: advance(); word.append(next)
        }
    }

    private mutating func advance() {
        if peek() == "\n" { line += 1 }
        index += 1
    }

    private mutating func finishWord() {
        defer { word = ShellWord(line: line) }
        guard !word.isEmpty else { return }
        if awaitsDelimiter {
            awaitsDelimiter = false
            if case .text(let text)? = word.parts.first { delimiters.append(text) }
        } else if skipsWord {
            skipsWord = false
        } else {
            tokens.append(.word(word))
        }
    }

    /// `name=(` begins a list, whose assignment stays in front of the bracket.
    private mutating func openBracket() {
        finishWord()
        tokens.append(.open)
    }

    private mutating func endLine() {
        finishWord()
        tokens.append(.end)
        advance()
        guard !delimiters.isEmpty else { return }
        for delimiter in delimiters { skipHereDocument(delimiter) }
        delimiters = []
    }

    private mutating func skipLine() {
        while let next = peek(), next != "\n" { advance() }
    }

    private mutating func skipHereDocument(_ delimiter: String) {
        while peek() != nil {
            var text = ""
            while let next = peek(), next != "\n" { text.append(next); advance() }
            advance()
            if text.drop(while: { $0 == "\t" }) == delimiter { return }
        }
    }

    private mutating func escape() {
        advance()
        guard let next = peek() else { return }
        advance()
        if next != "\n" { word.append(next) }
        if next != "\n" { word.isQuoted = true }
    }

    private mutating func singleQuotes() {
        word.isQuoted = true
        advance()
        while let next = peek(), next != "'" { word.append(next); advance() }
        advance()
    }

    private mutating func doubleQuotes() {
        word.isQuoted = true
        advance()
        while let next = peek(), next != "\"" {
            if next == "\\", let after = peek(1), "\"\\$`\n".contains(after) {
                advance()
                if after != "\n" { word.append(after) }
                advance()
            } else if next == "$" {
                dollar()
            } else if next == "`" {
                opaque(from: "`", to: "`")
            } else {
                word.append(next)
                advance()
            }
        }
        advance()
    }

    private mutating func redirection() {
        if let digits = word.keyword, digits.allSatisfy(\.isNumber) {
            word = ShellWord(line: line)
        }
        finishWord()
        var mark = ""
        while let next = peek(), "<>&|-".contains(next) { mark.append(next); advance() }
        if mark.hasPrefix("<<"), mark != "<<<" {
            awaitsDelimiter = true
        } else if mark.hasSuffix("&"), let next = peek(), next.isNumber || next == "-" {
            while let next = peek(), next.isNumber || next == "-" { advance() }
        } else if !mark.hasSuffix("-") {
            skipsWord = true
        }
    }
}

// MARK: Variables

extension ShellLexer {
    private mutating func dollar() {
        guard let after = peek(1) else { word.append("$"); return advance() }
        if after == "{" {
            braces()
        } else if after == "(" {
            opaque(from: "(", to: ")")
        } else if after.isLetter || after == "_" {
            advance()
            var name = ""
            while let next = peek(), next.isLetter || next.isNumber || next == "_" {
                name.append(next)
                advance()
            }
            word.parts.append(.variable(name, fallback: nil))
        } else if after.isNumber || "@*#?!$-".contains(after) {
            advance()
            advance()
            word.parts.append(
                after == "@" ? .list("@") : .variable(String(after), fallback: nil))
        } else {
            word.append("$")
            advance()
        }
    }

    private mutating func braces() {
        var inner = ""
        advance()
        advance()
        var depth = 1
        while let next = peek() {
            if next == "{" { depth += 1 }
            if next == "}" { depth -= 1 }
            advance()
            if depth == 0 { break }
            inner.append(next)
        }
        word.parts.append(Self.part(inner))
    }

    private static func part(_ inner: String) -> ShellWord.Part {
        if let mark = inner.first, mark == "!" || mark == "#", inner.hasSuffix("[@]") {
            let name = String(inner.dropFirst().dropLast(3))
            return mark == "!" ? .places(name) : .count(name)
        }
        let name = String(inner.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
        let rest = inner.dropFirst(name.count)
        guard !name.isEmpty else { return .unknown("${\(inner)}") }
        if rest.isEmpty { return .variable(name, fallback: nil) }
        if rest == "[@]" || rest == "[*]" { return .list(name) }
        for mark in [":-", ":=", "-", "="] where rest.hasPrefix(mark) {
            let fallback = String(rest.dropFirst(mark.count))
            return fallback.contains("$")
                ? .unknown("${\(inner)}") : .variable(name, fallback: fallback)
        }
        return rest.hasPrefix(":?") || rest.hasPrefix("?")
            ? .variable(name, fallback: nil) : .unknown("${\(inner)}")
    }

    /// Keeps a command or a sum as it is written; what it comes to only a shell knows.
    private mutating func opaque(from open: Character, to close: Character) {
        var text = ""
        if peek() == "$" { text.append("$"); advance() }
        text.append(open)
        advance()
        var depth = 1
        while let next = peek(), depth > 0 {
            if next == close { depth -= 1 } else if next == open { depth += 1 }
            text.append(next)
            advance()
        }
        word.parts.append(.unknown(text))
    }
}
