/// Whole-number arithmetic of a shell: `+ - * / %`, brackets, numbers and variables.
struct ShellArithmetic {
    private let characters: [Character]
    private var index = 0
    private var depth = 0
    private let variable: (String) -> String?
    private static let deepest = 50

    /// - Parameters:
    ///   - text: such as `8100 + i * 2`, without the brackets around it.
    ///   - variable: what a name stands for; nil where nobody knows.
    /// - Returns: the value; nil where it cannot be told.
    static func value(_ text: some StringProtocol, variable: (String) -> String?) -> Int? {
        withoutActuallyEscaping(variable) { variable in
            var reading = Self(
                characters: String(text).filter { !$0.isWhitespace }, variable: variable)
            let value = reading.sum()
            return reading.index == reading.characters.count ? value : nil
        }
    }

    private init(characters: String, variable: @escaping (String) -> String?) {
        self.characters = Array(characters)
        self.variable = variable
    }

    private var current: Character? {
        characters.indices.contains(index) ? characters[index] : nil
    }

    private mutating func sum() -> Int? {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.deepest, var total = product() else { return nil }
        while let sign = current, sign == "+" || sign == "-" {
            index += 1
            guard let next = product() else { return nil }
            let (value, isHuge) =
                sign == "+"
                ? total.addingReportingOverflow(next) : total.subtractingReportingOverflow(next)
            guard !isHuge else { return nil }
            total = value
        }
        return total
    }

    private mutating func product() -> Int? {
        guard var total = factor() else { return nil }
        while let sign = current, "*/%".contains(sign) {
            index += 1
            guard let next = factor() else { return nil }
            let (value, isWrong) =
                switch sign {
                case "*": total.multipliedReportingOverflow(by: next)
                case "/": total.dividedReportingOverflow(by: next)
                default: total.remainderReportingOverflow(dividingBy: next)
                }
            guard !isWrong else { return nil }
            total = value
        }
        return total
    }

    private mutating func factor() -> Int? {
        switch current {
        case "-"?:
            index += 1
            return factor().flatMap { 0.subtractingReportingOverflow($0).partialValue }
        case "("?:
            index += 1
            let value = sum()
            guard current == ")" else { return nil }
            index += 1
            return value
        default: return operand()
        }
    }

    private mutating func operand() -> Int? {
        if current == "$" { index += 1 }
        let isBraced = current == "{"
        if isBraced { index += 1 }
        var word = ""
        while let next = current, next.isLetter || next.isNumber || next == "_" {
            word.append(next)
            index += 1
        }
        if isBraced {
            guard current == "}" else { return nil }
            index += 1
        }
        if let number = Int(word) { return number }
        return variable(word).flatMap { Int($0) }
    }
}

/// The head of a loop that counts: `((i = 0; i < 4; i++))`.
struct ShellCounting {
    private static let most = 4096

    let variable: String
    let values: [Int]

    /// Nil where the rounds cannot be told, or are more than 4,096.
    init?(_ head: String, variable known: (String) -> String?) {
        let parts = head.dropFirst(2).dropLast(2).split(
            separator: ";", omittingEmptySubsequences: false
        ).map { String($0).filter { !$0.isWhitespace } }
        guard parts.count == 3, let equals = parts[0].firstIndex(of: "=") else { return nil }
        let name = String(parts[0][..<equals])
        let start = parts[0][parts[0].index(after: equals)...]
        guard let first = ShellArithmetic.value(start, variable: known),
            let step = Self.step(parts[2], name, known),
            let (isLast, bound) = Self.condition(parts[1], name, known)
        else { return nil }
        var (values, value) = ([Int](), first)
        while isLast(value, bound) {
            guard values.count < Self.most else { return nil }
            values.append(value)
            let (next, isHuge) = value.addingReportingOverflow(step)
            guard !isHuge else { return nil }
            value = next
        }
        (variable, self.values) = (name, values)
    }

    private static func step(
        _ text: String, _ name: String, _ known: (String) -> String?
    ) -> Int? {
        switch text {
        case name + "++", "++" + name: return 1
        case name + "--", "--" + name: return -1
        default:
            for (sign, factor) in [("+=", 1), ("-=", -1)] where text.hasPrefix(name + sign) {
                let amount = text.dropFirst(name.count + 2)
                return ShellArithmetic.value(amount, variable: known).map { $0 * factor }
            }
            return nil
        }
    }

    private static func condition(
        _ text: String, _ name: String, _ known: (String) -> String?
    ) -> (holds: (Int, Int) -> Bool, bound: Int)? {
        let relations: [(String, (Int, Int) -> Bool)] = [
            ("<=", { $0 <= $1 }), (">=", { $0 >= $1 }), ("!=", { $0 != $1 }), ("<", { $0 < $1 }),
            (">", { $0 > $1 }),
        ]
        guard text.hasPrefix(name) else { return nil }
        let rest = text.dropFirst(name.count)
        for (sign, holds) in relations where rest.hasPrefix(sign) {
            let bound = ShellArithmetic.value(rest.dropFirst(sign.count), variable: known)
            return bound.map { (holds, $0) }
        }
        return nil
    }
}
