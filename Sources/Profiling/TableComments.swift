internal import ServingDomain

/// The comment lines above a header: `# key: value`.
struct TableComments {
    private(set) var gpu: String?
    private(set) var engine: String?
    private(set) var version: String?
    private(set) var trust: Trust?
    /// All other comments without their `#`, in order.
    private(set) var notes: [String] = []
    private var keysSeen: Set<String> = []

    /// Takes one comment line, `#` included.
    mutating func take(_ line: String) throws(RowFault) {
        let text = line.dropFirst().trimmed
        let parts = text.split(separator: ":", maxSplits: 1).map { String($0.trimmed) }
        guard parts.count == 2, Self.keys.contains(parts[0]) else {
            if !text.isEmpty { notes.append(String(text)) }
            return
        }
        guard keysSeen.insert(parts[0]).inserted else {
            throw RowFault("the comment \(parts[0]) is given twice, expected once")
        }
        try set(parts[0], to: parts[1])
    }

    private static let keys: Set<String> = ["gpu", "engine", "engine_version", "trust"]

    private mutating func set(_ key: String, to value: String) throws(RowFault) {
        switch key {
        case "gpu": gpu = value
        case "engine": engine = value
        case "engine_version": version = value
        default:
            guard let known = Trust(rawValue: value) else {
                throw RowFault(
                    "trust is \(value.quoted), expected one of "
                        + Trust.allCases.map(\.rawValue).joined(separator: ", "))
            }
            trust = known
        }
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let head = drop(while: blank)
        return head.lastIndex { !blank($0) }.map { head[...$0] } ?? ""
    }
}
