/// Fills in variables, unrolls loops and follows functions.
struct ShellInterpreter {
    private(set) var commands: [ShellScript.Command] = []
    private var variables: [String: String] = [:]
    private var lists: [String: [String]] = [:]
    private var functions: [String: [ShellNode]] = [:]
    private var depth = 0
    private var isRepeated = false
    private var steps = 0
    /// A script that takes more steps than this is not followed further.
    private static let mostSteps = 30_000
    private static let deepest = 20
    private static let longestText = 1 << 16
    private static let longestList = 4096
    /// Characters that words with variables may still become, all together.
    private var room = 1 << 22

    mutating func run(_ nodes: [ShellNode]) {
        for node in nodes where steps < Self.mostSteps && room > 0 { run(node) }
    }

    private mutating func run(_ node: ShellNode) {
        steps += 1
        switch node {
        case .command(let words): run(words)
        case .list(let name, let words):
            let grown = lists[name, default: []] + expanded(words)
            lists[name] = Array(grown.prefix(Self.longestList))
        case .function(let name, let body): functions[name] = body
        case .loop(let variable, let words, let body): loop(variable, words, body)
        }
    }

    private mutating func loop(_ variable: String, _ words: [ShellWord]?, _ body: [ShellNode]) {
        guard let words, let values = values(words) else {
            let outer = isRepeated
            isRepeated = true
            run(body)
            return isRepeated = outer
        }
        steps += values.count
        for value in values where steps < Self.mostSteps && room > 0 {
            variables[variable] = value
            run(body)
        }
    }

    /// The words of a loop, with `{0..3}` and `$(seq 0 3)` counted out; nil where they are not known.
    private mutating func values(_ words: [ShellWord]) -> [String]? {
        var found: [String] = []
        for word in words {
            if let numbers = word.range {
                found += numbers.map(String.init)
            } else if word.parts.contains(where: \.isUnknown) {
                return nil
            } else {
                found += expanded(word).flatMap { text in
                    word.isQuoted ? [text] : text.split(separator: " ").map(String.init)
                }
            }
        }
        return found
    }

    private mutating func run(_ words: [ShellWord]) {
        var environment: [String: String] = [:]
        var rest = words[...]
        while let first = rest.first, let (name, value) = assignment(first) {
            environment[name] = value
            rest = rest.dropFirst()
        }
        if ["export", "readonly", "local", "declare"].contains(rest.first?.keyword) {
            for word in rest.dropFirst() {
                if let (name, value) = assignment(word) { variables[name] = value }
            }
            return
        }
        guard let first = rest.first else {
            return variables.merge(environment) { $1 }
        }
        let texts = expanded(Array(rest))
        if let body = first.keyword.flatMap({ functions[$0] }), depth < Self.deepest {
            return call(body, Array(texts.dropFirst()))
        }
        guard !texts.isEmpty else { return }
        commands.append(
            ShellScript.Command(
                words: texts, environment: environment, line: first.line, isRepeated: isRepeated))
    }

    private mutating func call(_ body: [ShellNode], _ arguments: [String]) {
        let (outerLists, outerVariables) = (lists, variables)
        depth += 1
        lists["@"] = arguments
        for (index, argument) in arguments.enumerated() {
            variables[String(index + 1)] = argument
        }
        run(body)
        depth -= 1
        (lists, variables) = (outerLists, outerVariables)
    }

    /// The name and the value of `NAME=value`.
    private mutating func assignment(_ word: ShellWord) -> (String, String)? {
        guard case .text(let head)? = word.parts.first, let equals = head.firstIndex(of: "=")
        else { return nil }
        let name = head[..<equals]
        let isName =
            (name.first.map { $0.isLetter || $0 == "_" } ?? false)
            && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        guard isName else { return nil }
        var value = word
        value.parts[0] = .text(String(head[head.index(after: equals)...]))
        return (String(name), expanded(value).joined(separator: " "))
    }

    private mutating func expanded(_ words: [ShellWord]) -> [String] {
        var texts: [String] = []
        for word in words where room > 0 { texts += expanded(word) }
        return texts
    }

    /// The word with its variables filled in: one text, or as many as a list has.
    private mutating func expanded(_ word: ShellWord) -> [String] {
        let texts = filled(word)
        room -= texts.reduce(1) { $0 + $1.utf8.count }
        return texts
    }

    private func filled(_ word: ShellWord) -> [String] {
        if word.parts.count == 1, case .list(let name) = word.parts[0] { return lists[name] ?? [] }
        var text = ""
        for part in word.parts {
            switch part {
            case .text(let plain): text += plain
            case .variable(let name, let fallback):
                text += variables[name] ?? fallback ?? "$\(name)"
            case .list(let name): text += (lists[name] ?? []).joined(separator: " ")
            case .unknown(let written): text += written
            }
        }
        // A variable that holds several words becomes them, unless it stands in quotation marks.
        let isBare = !word.isQuoted && word.parts.contains(where: \.isVariable)
        text = String(text.prefix(Self.longestText))
        return isBare ? text.split(separator: " ").map(String.init) : [text]
    }
}

extension ShellWord.Part {
    fileprivate var isUnknown: Bool {
        if case .unknown = self { true } else { false }
    }

    fileprivate var isVariable: Bool {
        if case .variable = self { true } else { false }
    }
}

extension ShellWord {
    /// The numbers of `{0..3}` or `$(seq 0 3)`, at most 4,096 of them.
    fileprivate var range: [Int]? {
        guard parts.count == 1, !isQuoted else { return nil }
        let ends: [Int]
        switch parts[0] {
        case .text(let text) where text.hasPrefix("{") && text.hasSuffix("}"):
            ends = text.dropFirst().dropLast().split(separator: "..").compactMap { Int($0) }
        case .unknown(let text) where text.hasPrefix("$(seq ") && text.hasSuffix(")"):
            let numbers = text.dropFirst(6).dropLast().split(separator: " ").map { Int($0) }
            guard !numbers.contains(nil), (1...2).contains(numbers.count) else { return nil }
            ends = numbers.count == 1 ? [1] + numbers.compactMap { $0 } : numbers.compactMap { $0 }
        default: return nil
        }
        guard ends.count == 2, ends[0] <= ends[1], ends[1] - ends[0] < 4096 else { return nil }
        return Array(ends[0]...ends[1])
    }
}
