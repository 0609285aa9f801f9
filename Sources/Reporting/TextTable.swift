/// Rows of text in aligned columns, for terminals.
public struct TextTable: Sendable {
    public enum Alignment: Sendable {
        case left
        case right
    }

    private let columns: [(title: String, alignment: Alignment)]
    private var rows: [[String]] = []

    public init(_ columns: [(title: String, alignment: Alignment)]) { self.columns = columns }

    /// Adds a row; missing cells stay empty.
    public mutating func append(_ cells: [String]) {
        rows.append(columns.indices.map { $0 < cells.count ? cells[$0] : "" })
    }

    /// The table with a header line and two spaces between columns, ending in a newline.
    public var text: String {
        let lines = [columns.map(\.title)] + rows
        let widths = columns.indices.map { column in
            lines.map { $0[column].count }.max() ?? 0
        }
        return lines.map { cells in
            let padded = cells.indices.map { pad(cells[$0], widths[$0], columns[$0].alignment) }
            let line = padded.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }

    /// The same rows as comma-separated values with quoting where needed.
    public var csv: String {
        ([columns.map(\.title)] + rows).map { cells in
            cells.map(Self.quoted).joined(separator: ",") + "\n"
        }.joined()
    }

    /// The same rows as an element of a page.
    var html: String {
        func line(_ cells: [String], _ tag: String) -> String {
            "<tr>" + cells.map { "<\(tag)>\($0.escapedForMarkup)</\(tag)>" }.joined() + "</tr>\n"
        }
        return "<table>\n" + line(columns.map(\.title), "th")
            + rows.map { line($0, "td") }.joined() + "</table>\n"
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
