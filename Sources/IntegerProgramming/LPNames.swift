/// Names that every reader of the LP format takes, unique without regard to case.
struct LPNames {
    let variables: [String]
    let constraints: [String]
    /// The variable that stands for the constant of the objective.
    let constant: String
    /// One line for each name that differs from the program's.
    let comments: [String]

    init(variables: [String], constraints: [String]) {
        var unique = Uniqueness()
        self.variables = variables.map { unique.claim(Self.allowed($0, prefix: "x_")) }
        self.constraints = constraints.map { unique.claim(Self.allowed($0, prefix: "c_")) }
        constant = unique.claim("constant")
        comments =
            zip(variables, self.variables).compactMap { Self.comment($0, $1) }
            + zip(constraints, self.constraints).compactMap { Self.comment($0, $1) }
    }

    /// Longest name before a number is added; readers take 255 characters.
    private static let length = 200

    private static let keywords: Set<String> = [
        "bin", "binaries", "binary", "bound", "bounds", "end", "free", "gen", "general",
        "generals", "inf", "infinity", "int", "integer", "integers", "max", "maximise", "maximize",
        "maximum", "min", "minimise", "minimize", "minimum", "nan", "obj", "sec", "semi", "semis",
        "sin", "sos", "sos1", "sos2", "st", "subject", "such", "that", "to",
    ]

    /// Letters, digits and underscores; not a keyword, nor what could begin a number.
    private static func allowed(_ name: String, prefix: String) -> String {
        let isPlain = { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        let characters = name.prefix(length).map { character in
            character.asciiValue.map(isPlain) == true ? character : "_"
        }
        let plain = String(characters)
        let needsPrefix =
            plain.first.map { !$0.isLetter } ?? true
            || keywords.contains(plain.lowercased()) || looksLikeExponent(plain)
        return needsPrefix ? prefix + plain : plain
    }

    /// Whether a number before the name could run on into it, as in `2 e5`.
    private static func looksLikeExponent(_ name: String) -> Bool {
        guard name.first == "e" || name.first == "E" else { return false }
        return name.dropFirst().first.map { $0.isNumber } ?? true
    }

    private static func comment(_ name: String, _ written: String) -> String? {
        guard name != written else { return nil }
        let original = name.unicodeScalars.map { $0.escaped(asASCII: true) }.joined()
        return String("\\ \(written): \(original)".prefix(length))
    }
}

/// Hands out each name once, with a number where it was wanted before.
private struct Uniqueness {
    private var taken: Set<String> = []
    private var numbers: [String: Int] = [:]

    mutating func claim(_ wanted: String) -> String {
        var name = wanted
        while !taken.insert(name.lowercased()).inserted {
            numbers[wanted, default: 1] += 1
            name = "\(wanted)_\(numbers[wanted, default: 1])"
        }
        return name
    }
}
