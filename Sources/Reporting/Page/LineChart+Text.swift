extension LineChart {
    private static let columns = 64
    private static let rows = 16

    /// A grid of characters with a mark for each series, guides behind them, and a legend.
    func text(_ glyphs: Glyphs) -> String {
        var grid = Array(
            repeating: [Character](repeating: " ", count: Self.columns), count: Self.rows)
        for guide in guides { draw(guide, glyphs, &grid) }
        for series in series { draw(series, glyphs.mark(series.style), &grid) }
        return ([y.title] + framed(grid, glyphs) + footer(glyphs) + legend(glyphs))
            .joined(separator: "\n") + "\n"
    }

    private func column(_ value: Double) -> Int {
        Int((x.share(value) * Double(Self.columns - 1)).rounded())
    }

    private func row(_ value: Double) -> Int {
        Int(((1 - y.share(value)) * Double(Self.rows - 1)).rounded())
    }

    private func draw(_ guide: Guide, _ glyphs: Glyphs, _ grid: inout [[Character]]) {
        switch guide.direction {
        case .vertical:
            for row in grid.indices { grid[row][column(guide.value)] = glyphs.guide }
        case .horizontal:
            let row = row(guide.value)
            for column in grid[row].indices { grid[row][column] = glyphs.horizontal }
        }
    }

    /// Marks at the points, and along the line in each column between them.
    private func draw(_ series: Series, _ mark: Character, _ grid: inout [[Character]]) {
        for point in series.points { grid[row(point.y)][column(point.x)] = mark }
        guard series.hasLine else { return }
        for (start, end) in zip(series.points, series.points.dropFirst()) {
            let (from, to) = (column(start.x), column(end.x))
            guard to - from > 1 else { continue }
            let (high, low) = (Double(row(start.y)), Double(row(end.y)))
            for column in (from + 1)..<to {
                let share = Double(column - from) / Double(to - from)
                grid[Int((high + share * (low - high)).rounded())][column] = mark
            }
        }
    }

    /// The grid with the labels of its vertical axis.
    private func framed(_ grid: [[Character]], _ glyphs: Glyphs) -> [String] {
        var labels = [String](repeating: "", count: Self.rows)
        for tick in y.ticks { labels[row(tick)] = PlotAxis.label(tick) }
        return zip(labels, grid).map { label, row in
            let padded = String(repeating: " ", count: max(0, 8 - label.count)) + label
            let line = padded + " " + String(glyphs.vertical) + String(row)
            return line.droppingSpaces
        }
    }

    /// The horizontal axis, with those of its labels that there is room for.
    private func footer(_ glyphs: Glyphs) -> [String] {
        var labels = [Character](repeating: " ", count: Self.columns + 10)
        var free = 0
        for tick in x.ticks {
            let label = Array(PlotAxis.label(tick))
            let start = max(0, column(tick) - label.count / 2)
            guard start >= free, start + label.count <= labels.count else { continue }
            labels.replaceSubrange(start..<(start + label.count), with: label)
            free = start + label.count + 1
        }
        let margin = String(repeating: " ", count: 9)
        return [
            margin + String(glyphs.corner)
                + String(repeating: glyphs.horizontal, count: Self.columns),
            (margin + " " + String(labels)).droppingSpaces,
            margin + " " + x.title,
        ]
    }

    private func legend(_ glyphs: Glyphs) -> [String] {
        guard series.count + guides.count > 1 else { return [] }
        return series.map { series in
            "  \(glyphs.mark(series.style)) "
                + (series.label.isEmpty ? "" : series.label + "  ") + series.name
        }
            + guides.map { guide in
                let glyph = guide.direction == .vertical ? glyphs.guide : glyphs.horizontal
                return "  \(glyph) " + guide.name
            }
    }
}
