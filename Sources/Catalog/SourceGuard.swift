/// Refuses texts that would make the YAML reader recurse too deep or expand without bound.
///
/// The checks look at characters, not at grammar, and err on the side of refusing.
struct SourceGuard {
    static let bytesMax = 4 << 20
    static let bracketsMax = 400
    static let indentMax = 100
    static let dashesMax = 16

    let file: String
    /// Most opening brackets; the YAML reader itself refuses deeper nesting than 1,000.
    var bracketsMax = Self.bracketsMax
    /// Whether `*name` may stand for what `&name` marks.
    var allowsAliases = false

    func check(_ text: String) throws(CatalogError) {
        guard text.utf8.count <= Self.bytesMax else {
            throw problem("it is longer than \(Self.bytesMax >> 20) MiB", line: nil)
        }
        let isJSON = text.first { !$0.isWhitespace } == "{"
        var brackets = 0
        var number = 0
        for line in text.utf8.split(omittingEmptySubsequences: false, whereSeparator: Self.isBreak)
        {
            number += 1
            brackets += line.reduce(0) { $0 + (Self.opening.contains($1) ? 1 : 0) }
            guard brackets <= bracketsMax else {
                throw problem("more than \(bracketsMax) opening brackets", line: number)
            }
            try checkIndent(line, number, isJSON: isJSON)
            if !allowsAliases { try checkAlias(line, number) }
        }
    }

    private func checkIndent(
        _ line: Substring.UTF8View.SubSequence, _ number: Int, isJSON: Bool
    ) throws(CatalogError) {
        let lead = line.prefix { $0 == Self.space || $0 == Self.tab }
        guard isJSON || !lead.contains(Self.tab) || lead.count == line.count else {
            throw problem("tabs may not indent; use spaces", line: number)
        }
        guard lead.count <= Self.indentMax || lead.count == line.count else {
            throw problem("indented by more than \(Self.indentMax) columns", line: number)
        }
        let dashes = line.drop { $0 == Self.space || $0 == Self.tab }
            .prefix { Self.chaining.contains($0) }
            .count { $0 != Self.space && $0 != Self.tab }
        guard dashes <= Self.dashesMax || Self.isRule(line) else {
            throw problem("more than \(Self.dashesMax) nested list marks", line: number)
        }
    }

    /// Finds `*name` where a value may start: an alias can multiply what it names.
    private func checkAlias(
        _ line: Substring.UTF8View.SubSequence, _ number: Int
    ) throws(CatalogError) {
        var before: UInt8?
        for byte in line {
            if byte == UInt8(ascii: "#"), before == nil { return }
            if byte == UInt8(ascii: "*"), before.map(Self.valueStarts.contains) ?? true {
                throw problem(
                    "aliases (*name) are not accepted; write the value out", line: number)
            }
            if byte != Self.space, byte != Self.tab { before = byte }
        }
    }

    private func problem(_ text: String, line: Int?) -> CatalogError {
        .malformed(at: SourcePlace(file: file, line: line), problem: text)
    }

    /// Whether the line is one unbroken run of dashes.
    private static func isRule(_ line: Substring.UTF8View.SubSequence) -> Bool {
        line.allSatisfy { $0 == UInt8(ascii: "-") }
    }

    private static func isBreak(_ byte: UInt8) -> Bool { byte == 10 || byte == 13 }
    private static let space = UInt8(ascii: " ")
    private static let tab = UInt8(ascii: "\t")
    private static let opening = Set("[{".utf8)
    private static let chaining = Set("-?: \t".utf8)
    private static let valueStarts = Set(":-?[{,!".utf8)
}
