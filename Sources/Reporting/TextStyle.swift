/// How an answer for people is written.
public struct TextStyle: Hashable, Sendable {
    /// Whether tables show all of their columns.
    public let isWide: Bool
    /// Whether headings and verdicts stand out, by escape sequences of a terminal.
    public let isColoured: Bool

    public init(isWide: Bool = false, isColoured: Bool = false) {
        self.isWide = isWide
        self.isColoured = isColoured
    }

    /// A heading, in bold.
    func asHeading(_ text: String) -> String { isColoured ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    /// A cell of a column: a verdict in its colour, any other as it is.
    func inColour(_ cell: String, under title: String) -> String {
        guard isColoured, title == "verdict", let colour = Self.colours[cell.withoutSpaces] else {
            return cell
        }
        return "\u{1B}[\(colour)m\(cell.withoutSpaces)\u{1B}[0m"
            + String(repeating: " ", count: cell.count - cell.withoutSpaces.count)
    }

    /// Words that tables have as verdicts, with green, yellow or red.
    private static let colours = [
        "pass": 32, "ok": 32, "undecided": 33, "warning": 33, "too long": 33, "fail": 31,
        "overload": 31, "error": 31, "unusable": 31,
    ]
}

extension String {
    /// Without the spaces that fill a column up.
    fileprivate var withoutSpaces: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
