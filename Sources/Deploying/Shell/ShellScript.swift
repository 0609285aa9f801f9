/// The commands that a script runs, as far as they can be told without running it.
///
/// Variables that the script sets to plain texts, lists, functions, and loops over words and numbers are
/// followed. Of a condition every branch counts. What only a running shell knows stays as it is written.
struct ShellScript: Sendable {
    struct Command: Hashable, Sendable {
        var words: [String]
        /// `NAME=value` in front of the command.
        var environment: [String: String] = [:]
        /// Variables that are set where it runs.
        var variables: [String: String] = [:]
        /// From 1.
        let line: Int
        /// Whether it runs in a loop that nobody can count.
        var isRepeated = false
    }

    let commands: [Command]
    /// Whether it is longer than what is followed, so that commands may be missing.
    let isCut: Bool
    /// Steps that it took to follow it.
    let steps: Int
    /// Steps for a script with all shells in it.
    static let mostSteps = 30_000

    /// - Parameters:
    ///   - text: of the script.
    ///   - environment: variables that it finds set.
    ///   - mostSteps: after which it is not followed further.
    init(
        _ text: String, environment: [String: String] = [:], mostSteps: Int = Self.mostSteps
    ) {
        var lexer = ShellLexer(text)
        var parser = ShellParser(lexer.run())
        var interpreter = ShellInterpreter(environment: environment, mostSteps: mostSteps)
        interpreter.run(parser.block(until: []))
        commands = interpreter.commands
        isCut = interpreter.isCut
        steps = interpreter.steps + text.utf8.count / 100
    }
}

/// A part of a script.
indirect enum ShellNode: Sendable {
    case command([ShellWord])
    /// `name=(a b c)`.
    case list(name: String, [ShellWord])
    /// A loop over words, or over what nobody can tell where that is nil.
    case loop(variable: String, over: [ShellWord]?, [ShellNode])
    /// A loop with the head `((i = 0; i < 4; i++))`.
    case counting(String, [ShellNode])
    case function(name: String, [ShellNode])
    /// What runs at least once and begins what it begins once, such as a loop that waits or restarts.
    case group([ShellNode])
}

/// Finds loops, functions and lists among the words of a script.
struct ShellParser {
    private let tokens: [ShellToken]
    private var index = 0
    private var depth = 0
    /// Blocks that are nested deeper are not read.
    private static let deepest = 50
    private static let ignored: Set<String> = [
        "then", "else", "fi", "esac", "{", "}", "!", "done", "do", "time",
    ]

    init(_ tokens: [ShellToken]) { self.tokens = tokens }

    mutating func block(until ends: Set<String>) -> [ShellNode] {
        var nodes: [ShellNode] = []
        depth += 1
        defer { depth -= 1 }
        while index < tokens.count {
            guard depth < Self.deepest else { index = tokens.count; break }
            guard case .word(let word) = tokens[index] else { index += 1; continue }
            if let keyword = word.keyword, ends.contains(keyword) {
                index += 1
                break
            }
            if let node = statement() { nodes.append(node) }
        }
        return nodes
    }

    private mutating func statement() -> ShellNode? {
        guard case .word(let first) = tokens[index] else { return nil }
        switch first.keyword {
        case "for"?: return loop()
        case "while"?, "until"?:
            return conditionalLoop()
        case "function"?:
            index += 1
            return function()
        case let keyword? where Self.ignored.contains(keyword):
            index += 1
            return nil
        default:
            return isFunction ? function() : command()
        }
    }

    /// A loop that reads lines or counts is run as often as nobody can tell, others for as long as something
    /// is restarted or waited for.
    private mutating func conditionalLoop() -> ShellNode {
        let start = index
        skip(to: "do")
        let signs: Set<String> = ["read", "-lt", "-le", "-gt", "-ge", "-ne", "shift"]
        let isCounting = tokens[start..<min(index, tokens.count)].contains { token in
            guard case .word(let word) = token else { return false }
            if case .unknown(let text)? = word.parts.first, text.hasPrefix("((") { return true }
            return word.keyword.map(signs.contains) ?? false
        }
        let body = block(until: ["done"])
        return isCounting ? .loop(variable: "", over: nil, body) : .group(body)
    }

    private var current: ShellToken? { tokens.indices.contains(index) ? tokens[index] : nil }

    private func isKeyword(_ text: String) -> Bool {
        guard case .word(let word)? = current else { return false }
        return word.keyword == text
    }

    private mutating func skip(to keyword: String) {
        while index < tokens.count, !isKeyword(keyword) { index += 1 }
        index += 1
    }

    private mutating func loop() -> ShellNode {
        index += 1
        var variable = ""
        var words: [ShellWord]?
        if case .word(let name)? = current {
            variable = name.keyword ?? ""
            index += 1
            if case .unknown(let head)? = name.parts.first, head.hasPrefix("((") {
                skip(to: "do")
                return .counting(head, block(until: ["done"]))
            }
            if isKeyword("in") {
                index += 1
                words = []
                while case .word(let word)? = current { words?.append(word); index += 1 }
            }
        }
        skip(to: "do")
        return .loop(variable: variable, over: words, block(until: ["done"]))
    }

    /// `name ( )`.
    private var isFunction: Bool {
        tokens.count > index + 2 && tokens[index + 1] == .open && tokens[index + 2] == .close
    }

    private mutating func function() -> ShellNode? {
        guard case .word(let name)? = current else { return nil }
        index += 1
        guard let text = name.keyword else { return nil }
        while let token = current, token == .open || token == .close || token == .end { index += 1 }
        guard isKeyword("{") else { return nil }
        index += 1
        return .function(name: text, block(until: ["}"]))
    }

    private mutating func command() -> ShellNode? {
        var words: [ShellWord] = []
        while let token = current {
            switch token {
            case .word(let word): words.append(word)
            case .open where words.last?.listName != nil: return list(words.removeLast())
            case .open, .close, .end:
                index += 1
                return words.isEmpty ? nil : .command(words)
            }
            index += 1
        }
        return words.isEmpty ? nil : .command(words)
    }

    private mutating func list(_ head: ShellWord) -> ShellNode {
        var words: [ShellWord] = []
        index += 1
        while let token = current, token != .close {
            if case .word(let word) = token { words.append(word) }
            index += 1
        }
        index += 1
        return .list(name: head.listName ?? "", words)
    }
}

extension ShellWord {
    /// The name in `name=` or `name+=` before a bracket.
    fileprivate var listName: String? {
        guard let keyword, keyword.hasSuffix("=") else { return nil }
        let name = keyword.dropLast(keyword.hasSuffix("+=") ? 2 : 1)
        let isName = name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        return isName && !name.isEmpty ? String(name) : nil
    }
}
