/// Something that can be drawn for a page, and with characters for a terminal.
protocol Chart: Sendable {
    var sketch: Sketch { get }
    /// Lines without colours, at most 80 characters wide, each with a line break.
    func text(_ glyphs: Glyphs) -> String
}

/// Characters that a terminal draws with.
struct Glyphs: Sendable {
    let marks: [Character]
    let vertical: Character
    let horizontal: Character
    let corner: Character
    let guide: Character
    /// From nothing to a whole.
    let shades: [Character]
    /// Fillings of the parts of a bar, in their order.
    let parts: [Character]

    static let unicode = Self(
        marks: ["●", "■", "▲", "◆", "▼", "○", "□", "△", "◇", "▽"], vertical: "│",
        horizontal: "─", corner: "└", guide: "┊", shades: ["·", "░", "▒", "▓", "█"],
        parts: ["░", "▒", "█", "▓", "·"])
    static let ascii = Self(
        marks: ["o", "x", "+", "*", "v", "@", "#", "a", "b", "c"], vertical: "|",
        horizontal: "-", corner: "+", guide: ":", shades: [".", ":", "+", "*", "#"],
        parts: [".", "/", "#", "=", "~"])

    func mark(_ style: SeriesStyle) -> Character { marks[style.place % marks.count] }
}

/// One picture of a report with its words and numbers.
public struct Figure: Sendable {
    /// Short name in lower-case letters: of its files, and of its place in a page.
    public let id: String
    public let title: String
    /// What one sees, with units, how it was computed, and how far it may be trusted.
    public let caption: String
    /// How to read the drawing, which a terminal does not show so.
    var reading = ""
    let chart: (any Chart)?
    public let table: TextTable

    /// The drawing as a file of its own; nil for a figure that is a table.
    public var svg: String? {
        chart?.sketch.svg(id: id, title: title, description: description, standsAlone: true)
    }

    /// Both the caption and how to read the drawing.
    var description: String { [caption, reading].filter { !$0.isEmpty }.joined(separator: " ") }
}
