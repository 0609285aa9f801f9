/// Fills in variables, unrolls loops and follows functions.
struct ShellInterpreter {
    private(set) var commands: [ShellScript.Command] = []
    private var variables: [String: String] = [:]
    private var lists: [String: [String]] = [:]
    private var functions: [String: [ShellNode]] = [:]
    /// What `local` variables of each running function held outside of it.
    private var outer: [[String: String?]] = []
    private var isRepeated = false
    private(set) var steps = 0
    /// A script that takes more steps than this is not followed further.
    private let mostSteps: Int
    private static let deepest = 20
    private static let longestText = 1 << 16
    private static let longestList = 4096
    /// Characters that words with variables may still become, all together.
    private var room = 1 << 22

    init(environment: [String: String], mostSteps: Int) {
        variables = environment
        self.mostSteps = mostSteps
    }

    /// Whether one of the bounds was met.
    var isCut: Bool { steps >= mostSteps || room <= 0 }

    mutating func run(_ nodes: [ShellNode]) {
        for node in nodes where !isCut { run(node) }
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
        case .group(let body): run(body)
        case .counting(let head, let body): count(head, body)
        }
    }

    private mutating func count(_ head: String, _ body: [ShellNode]) {
        guard let counting = ShellCounting(head, variable: value) else {
            return loop("", nil, body)
        }
        let words = counting.values.map { number in
            var word = ShellWord(line: 0)
            word.parts = [.text(String(number))]
            return word
        }
        loop(counting.variable, words, body)
    }

    private mutating func loop(_ variable: String, _ words: [ShellWord]?, _ body: [ShellNode]) {
        guard let words, let values = values(words) else {
            let around = isRepeated
            isRepeated = true
            run(body)
            return isRepeated = around
        }
        steps += values.count
        for value in values where !isCut {
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
            } else if word.isUncounted || word.parts.contains(where: isUnknown) {
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
        guard let first = rest.first else {
            return variables.merge(environment) { $1 }
        }
        switch first.keyword {
        case "export"?, "readonly"?: return set(rest.dropFirst(), isLocal: false)
        case "local"?, "declare"?, "typeset"?: return set(rest.dropFirst(), isLocal: true)
        case "shift"?: return shift(expanded(Array(rest.dropFirst())))
        default: break
        }
        let texts = expanded(Array(rest))
        if let body = first.keyword.flatMap({ functions[$0] }), outer.count < Self.deepest {
            return call(body, Array(texts.dropFirst()))
        }
        guard !texts.isEmpty else { return }
        commands.append(
            ShellScript.Command(
                words: texts, environment: environment, variables: variables, line: first.line,
                isRepeated: isRepeated))
    }

    private mutating func set(_ words: ArraySlice<ShellWord>, isLocal: Bool) {
        for word in words {
            let known = assignment(word)
            guard let name = known?.0 ?? word.keyword else { continue }
            if isLocal, let scope = outer.indices.last, outer[scope][name] == nil {
                outer[scope][name] = .some(variables[name])
            }
            if let known { variables[name] = known.1 }
        }
    }

    /// Drops the first arguments of the function that runs, or of the script.
    private mutating func shift(_ words: [String]) {
        let count = words.first.flatMap { Int($0) } ?? 1
        lists["@"] = lists["@"].map { Array($0.dropFirst(max(0, count))) }
    }

    /// Runs a function: its arguments and what it calls local end with it, all else stays.
    private mutating func call(_ body: [ShellNode], _ arguments: [String]) {
        let given = lists["@"]
        outer.append([:])
        lists["@"] = arguments
        run(body)
        lists["@"] = given
        for (name, value) in outer.removeLast() { variables[name] = value }
    }

    /// What a variable holds; of a number the argument of that place.
    private func value(_ name: String) -> String? {
        switch (Int(name), lists["@"]) {
        case (let place?, let arguments?):
            arguments.indices.contains(place - 1) ? arguments[place - 1] : place > 0 ? "" : nil
        case (nil, let arguments?) where name == "#": String(arguments.count)
        case (nil, let arguments?) where name == "*": arguments.joined(separator: " ")
        default: variables[name]
        }
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

    /// What `$((8100 + i))` comes to; nil for anything else.
    private func sum(_ written: String) -> Int? {
        guard written.hasPrefix("$(("), written.hasSuffix("))") else { return nil }
        return ShellArithmetic.value(written.dropFirst(3).dropLast(2), variable: value)
    }

    /// Whether a part is something that only a running shell knows.
    private func isUnknown(_ part: ShellWord.Part) -> Bool {
        switch part {
        case .unknown(let written): sum(written) == nil
        case .variable(let name, let fallback): value(name) == nil && fallback == nil
        case .list(let name), .places(let name): lists[name] == nil
        case .text, .count: false
        }
    }

    private func filled(_ word: ShellWord) -> [String] {
        if word.parts.count == 1 {
            switch word.parts[0] {
            case .list(let name): return lists[name] ?? []
            case .places(let name): return (lists[name] ?? []).indices.map(String.init)
            default: break
            }
        }
        var text = ""
        for part in word.parts {
            switch part {
            case .text(let plain): text += plain
            case .variable(let name, let fallback):
                let known = value(name).flatMap { $0.isEmpty ? fallback ?? $0 : $0 }
                text += known ?? fallback ?? "$\(name)"
            case .list(let name): text += (lists[name] ?? []).joined(separator: " ")
            case .places(let name):
                text += (lists[name] ?? []).indices.map(String.init).joined(separator: " ")
            case .count(let name): text += String(lists[name]?.count ?? 0)
            case .unknown(let written): text += sum(written).map(String.init) ?? written
            }
        }
        // A variable that holds several words becomes them, unless it stands in quotation marks.
        let isBare = !word.isQuoted && word.parts.contains(where: \.isVariable)
        text = String(text.prefix(Self.longestText))
        return isBare ? text.split(separator: " ").map(String.init) : [text]
    }
}

extension ShellWord.Part {
    /// Whether it may come to several words.
    fileprivate var isVariable: Bool {
        switch self {
        case .variable, .places: true
        default: false
        }
    }
}

extension ShellWord {
    /// Whether it is a range of numbers that is not counted out: too long, or of another form.
    fileprivate var isUncounted: Bool {
        guard case .text(let text)? = parts.first, !isQuoted else { return false }
        return text.hasPrefix("{") && text.contains("..")
    }

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
        guard ends.count == 2, ends[0] <= ends[1] else { return nil }
        let (distance, isHuge) = ends[1].subtractingReportingOverflow(ends[0])
        return isHuge || distance >= 4096 ? nil : Array(ends[0]...ends[1])
    }
}
