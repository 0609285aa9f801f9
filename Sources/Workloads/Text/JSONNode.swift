/// A JSON value with all that is in it.
enum JSONNode {
    /// A value with its name.
    struct Member {
        let name: String
        let value: JSONNode
    }

    case null
    case flag(Bool)
    case number(TraceValue)
    case text(String)
    case list([JSONNode])
    /// Members in the order of the text.
    case object([Member])

    /// Reads one value.
    init(_ scanner: inout JSONScanner) throws(JSONFault) {
        switch scanner.peek() {
        case UInt8(ascii: "{"):
            var members: [Member] = []
            try scanner.members { (scanner, key) throws(JSONFault) in
                guard let name = key.text else { throw scanner.fault("a name in UTF-8") }
                members.append(Member(name: name, value: try JSONNode(&scanner)))
            }
            self = .object(members)
        case UInt8(ascii: "["):
            var list: [JSONNode] = []
            try scanner.elements { (scanner) throws(JSONFault) in
                list.append(try JSONNode(&scanner))
            }
            self = .list(list)
        case UInt8(ascii: "\""): self = .text(try scanner.text())
        case UInt8(ascii: "t"):
            try scanner.word("true")
            self = .flag(true)
        case UInt8(ascii: "f"):
            try scanner.word("false")
            self = .flag(false)
        case nil: throw scanner.fault("a value")
        default: self = (try scanner.scalar()).map(Self.number) ?? .null
        }
    }

    /// The value of a whole text.
    init(_ bytes: [UInt8], _ range: Range<Int>) throws(JSONFault) {
        var scanner = JSONScanner(bytes, range)
        try self.init(&scanner)
        try scanner.finish()
    }

    /// The member of that name; nil where there is none, or it is null.
    subscript(name: String) -> JSONNode? {
        guard case .object(let members) = self,
            let member = members.first(where: { $0.name == name })?.value
        else { return nil }
        if case .null = member { return nil }
        return member
    }

    var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }

    var list: [JSONNode]? { if case .list(let list) = self { list } else { nil } }

    var text: String? { if case .text(let text) = self { text } else { nil } }

    var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }

    /// As a number, or as a message shall show it.
    var value: TraceValue {
        switch self {
        case .number(let value): value
        case .text(let text): .other("'\(text.prefix(40))'")
        case .null: .other("nothing")
        case .flag(let flag): .other(flag ? "true" : "false")
        case .list: .other("a list")
        case .object: .other("an object")
        }
    }

    /// The value as JSON with a space behind commas and colons, as chat templates write tools.
    var spacedText: String {
        switch self {
        case .null: "null"
        case .flag(let flag): flag ? "true" : "false"
        case .number(let value): value.shown
        case .text(let text): Self.quoted(text)
        case .list(let list): "[" + list.map(\.spacedText).joined(separator: ", ") + "]"
        case .object(let members):
            "{"
                + members.map { "\(Self.quoted($0.name)): \($0.value.spacedText)" }
                .joined(separator: ", ") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
