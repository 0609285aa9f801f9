/// Cells over two axes, each with a short text, a level and, where it is impossible, hatching.
struct HeatGrid: Chart {
    struct Cell {
        let column: Int
        let row: Int
        /// A few characters.
        let text: String
        /// Place among the colours; nil for a cell that is hatched.
        let level: Int?
        var isOutlined = false
    }

    /// What a colour or a letter stands for.
    struct Key {
        let text: String
        /// Nil for what is hatched.
        let level: Int?
        let meaning: String
    }

    let columnTitle: String
    let rowTitle: String
    let columns: [String]
    /// From the top.
    let rows: [String]
    let cells: [Cell]
    let keys: [Key]
    let outlineMeaning: String

    private static let left = 84.0
    private static let top = 24.0
    private static let cellHeight = 26.0

    private var cellWidth: Double {
        min(58, (Sketch.usualWidth - Self.left - 6) / Double(max(1, columns.count)))
    }

    var sketch: Sketch {
        let bottom = Self.top + Self.cellHeight * Double(rows.count)
        let count = keys.count + 1
        var sketch = Sketch(height: bottom + 54 + 20 * Double(count))
        sketch.define(Self.hatching)
        sketch.text(rowTitle, 2, 12, "m")
        for (row, name) in rows.enumerated() {
            sketch.text(name, Self.left - 6, middle(row) + 4, "m", anchor: .end)
        }
        for (column, name) in columns.enumerated() {
            sketch.text(
                name, Self.left + cellWidth * (Double(column) + 0.5), bottom + 15, "m",
                anchor: .middle)
        }
        sketch.text(
            columnTitle, Self.left + cellWidth * Double(columns.count), bottom + 31, "m",
            anchor: .end)
        for cell in cells { draw(cell, &sketch) }
        for cell in cells where cell.isOutlined { outline(cell, &sketch) }
        drawKeys(&sketch, from: bottom + 54)
        return sketch
    }

    /// Lines over a ground of their own, so that they stand out in light and dark.
    private static let hatching =
        "<pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
        + "patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" "
        + "style=\"fill:var(--surface)\"/><path d=\"M0 0V6\" style=\"stroke:var(--grid)\" "
        + "stroke-width=\"3\"/></pattern>"

    private func middle(_ row: Int) -> Double { Self.top + Self.cellHeight * (Double(row) + 0.5) }

    private func corner(_ cell: Cell) -> (x: Double, y: Double) {
        (
            Self.left + cellWidth * Double(cell.column),
            Self.top + Self.cellHeight * Double(cell.row)
        )
    }

    private func draw(_ cell: Cell, _ sketch: inout Sketch) {
        let (x, y) = corner(cell)
        fill(x, y, cellWidth - 2, Self.cellHeight - 2, cell.level, &sketch)
        sketch.text(
            cell.text, x + cellWidth / 2 - 1, y + Self.cellHeight / 2 + 3,
            Self.kind(cell.level), anchor: .middle)
    }

    private func outline(_ cell: Cell, _ sketch: inout Sketch) {
        let (x, y) = corner(cell)
        sketch.rectangle(x - 1, y - 1, cellWidth, Self.cellHeight, "c")
    }

    private func fill(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ level: Int?,
        _ sketch: inout Sketch
    ) {
        if let level {
            sketch.rectangle(x, y, width, height, "p\(level)")
        } else {
            sketch.rectangle(x, y, width, height, "", fill: "url(#hatch)")
        }
    }

    private static func kind(_ level: Int?) -> String { level.map { "pt\($0)" } ?? "" }

    private func drawKeys(_ sketch: inout Sketch, from top: Double) {
        for (place, key) in keys.enumerated() {
            let y = top + 20 * Double(place)
            fill(2, y - 13, 44, 17, key.level, &sketch)
            sketch.text(key.text, 24, y, Self.kind(key.level), anchor: .middle)
            sketch.text(key.meaning, 54, y)
        }
        let y = top + 20 * Double(keys.count)
        sketch.rectangle(4, y - 12, 40, 15, "c")
        sketch.text(outlineMeaning, 54, y)
    }
}

extension HeatGrid {
    /// A grid of the texts; an outline becomes brackets.
    func text(_ glyphs: Glyphs) -> String {
        let width = max(6, (cells.map(\.text.count) + columns.map(\.count)).max() ?? 0) + 2
        let margin = (rows.map(\.count).max() ?? 0) + 2
        func padded(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        var lines = [rowTitle]
        for (row, name) in rows.enumerated() {
            var line = padded(name, margin)
            for column in columns.indices {
                let cell = cells.first { $0.row == row && $0.column == column }
                line += padded(cell.map(Self.word) ?? "", width)
            }
            lines.append(line.droppingSpaces)
        }
        lines.append(padded("", margin) + columns.map { padded($0, width) }.joined())
        lines.append(padded("", margin) + "  " + columnTitle)
        lines += keys.filter { $0.level == nil }.map { "  \($0.text)  \($0.meaning)" }
        lines.append("  [ ]  \(outlineMeaning)")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func word(_ cell: Cell) -> String {
        cell.isOutlined ? "[\(cell.text)]" : cell.text
    }
}
