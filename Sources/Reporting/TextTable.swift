/// Rows of text in aligned columns, for terminals.
public struct TextTable: Sendable {
    public enum Alignment: Sendable {
        case left
        case right
    }

    public typealias Column = (title: String, alignment: Alignment)

    let columns: [Column]
    /// Columns at the beginning that every form shows.
    private let narrow: Int
    private(set) var rows: [[String]] = []

    /// - Parameters:
    ///   - columns: that every form shows.
    ///   - extra: columns behind them, which people see in the wide form alone.
    public init(_ columns: [Column], extra: [Column] = []) {
        self.columns = columns + extra
        narrow = columns.count
    }

    /// Adds a row; missing cells stay empty.
    public mutating func append(_ cells: [String]) {
        rows.append(columns.indices.map { $0 < cells.count ? cells[$0] : "" })
    }

    /// The table with a header line and two spaces between columns, ending in a newline.
    public var text: String { text(TextStyle()) }

    /// The same in a style: with the extra columns where it is wide.
    public func text(_ style: TextStyle) -> String {
        let shown = columns.prefix(style.isWide ? columns.count : narrow).indices
        let lines = [columns.map(\.title)] + rows
        let widths = shown.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.enumerated().map { place, cells in
            let padded = shown.map { column in
                let cell = pad(cells[column], widths[column], columns[column].alignment)
                return place == 0
                    ? cell : style.inColour(cell, under: columns[column].title)
            }
            let line = padded.joined(separator: "  ").droppingSpaces
            return (place == 0 ? style.asHeading(line) : line) + "\n"
        }.joined()
    }

    /// The same rows as comma-separated values with quoting where needed, extra columns included.
    public var csv: String {
        ([columns.map(\.title)] + rows).map { cells in
            cells.map(Self.quoted).joined(separator: ",") + "\n"
        }.joined()
    }

    /// The same rows as a table of GitHub's Markdown, without the extra columns.
    public var markdown: String {
        func line(_ cells: some Sequence<String>) -> String {
            "| " + cells.joined(separator: " | ") + " |\n"
        }
        let rules = columns.prefix(narrow).map { $0.alignment == .left ? "---" : "---:" }
        return line(columns.prefix(narrow).map(\.title.escapedForMarkdown)) + line(rules)
            + rows.map { line($0.prefix(narrow).map(\.escapedForMarkdown)) }.joined()
    }

    /// The same rows as an element of a page.
    var html: String {
        func line(_ cells: some Sequence<String>, _ tag: String) -> String {
            "<tr>" + cells.map { "<\(tag)>\($0.escapedForMarkup)</\(tag)>" }.joined() + "</tr>\n"
        }
        return "<table>\n" + line(columns.prefix(narrow).map(\.title), "th")
            + rows.map { line($0.prefix(narrow), "td") }.joined() + "</table>\n"
    }

    private func pad(_ text: String, _ width: Int, _ alignment: Alignment) -> String {
        let filler = String(repeating: " ", count: max(0, width - text.count))
        return alignment == .left ? text + filler : filler + text
    }

    private static func quoted(_ cell: String) -> String {
        // `isNewline`, because a carriage return with its line feed is one character of its own.
        guard cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return cell }
        return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }
}

extension String {
    /// Without spaces at the end.
    var droppingSpaces: String {
        var line = self[...]
        while line.last == " " { line.removeLast() }
        return String(line)
    }

    /// A line or a cell of a table in Markdown that shows this text and nothing else.
    var escapedForMarkdown: String {
        guard !isName else { return self }
        return map { character in
            switch character {
            case _ where character.isNewline: "<br>"
            case "&": "&amp;"
            case "<": "&lt;"
            case "\\", "|", "`", "*", "_", "[", "]", "~": "\\\(character)"
            default: String(character)
            }
        }.joined()
    }

    /// Whether it is a word such as `ttft_p95_ms`, whose underscores emphasise nothing.
    private var isName: Bool {
        first != "_" && last != "_" && allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }
}
