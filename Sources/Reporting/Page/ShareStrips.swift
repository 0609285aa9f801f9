/// Shares over time, one strip for each row.
struct ShareStrips: Chart {
    struct Row {
        let name: String
        let shares: [Double]
        /// Stands behind the strip.
        let note: String
    }

    let rows: [Row]
    /// Of the whole strip.
    let seconds: Double
    /// What is measured of it, in seconds.
    let measured: ClosedRange<Double>?

    private static let left = 92.0
    private static let width = 330.0
    private static let row = 20.0

    private static func level(_ share: Double) -> Int {
        min(Palette.shares.count - 1, Int(share * Double(Palette.shares.count)))
    }

    private var axis: PlotAxis { .linear("time (s)", [seconds], upTo: seconds) }

    var sketch: Sketch {
        let bottom = 22 + Self.row * Double(rows.count)
        var sketch = Sketch(height: bottom + 84)
        for (place, row) in rows.enumerated() { draw(row, 22 + Self.row * Double(place), &sketch) }
        for tick in axis.ticks where tick <= seconds {
            let x = Self.left + Self.width * tick / seconds
            sketch.line(x, bottom, to: (x, bottom + 4), "a")
            sketch.text(PlotAxis.label(tick), x, bottom + 16, "m", anchor: .middle)
        }
        sketch.text(axis.title, Self.left + Self.width, bottom + 32, "m", anchor: .end)
        drawMeasured(&sketch, bottom)
        drawLegend(&sketch, bottom + 62)
        return sketch
    }

    private func draw(_ row: Row, _ y: Double, _ sketch: inout Sketch) {
        sketch.text(row.name, Self.left - 6, y + 14, anchor: .end)
        sketch.text(row.note, Self.left + Self.width + 6, y + 14)
        let cell = Self.width / Double(max(1, row.shares.count))
        for (place, share) in row.shares.enumerated() {
            // A little wider, so that no seam is seen between neighbours.
            sketch.rectangle(
                Self.left + cell * Double(place), y + 1, cell + 0.4, Self.row - 3,
                "h\(Self.level(share))")
        }
    }

    private func drawMeasured(_ sketch: inout Sketch, _ bottom: Double) {
        guard let measured, seconds > 0 else { return }
        for instant in [measured.lowerBound, measured.upperBound] {
            let x = Self.left + Self.width * instant / seconds
            sketch.line(x, 16, to: (x, bottom + 3), "u")
        }
        let middle = (measured.lowerBound + measured.upperBound) / 2
        sketch.text(
            "measured sessions arrive", Self.left + Self.width * middle / seconds, 12, "m",
            anchor: .middle)
    }

    private func drawLegend(_ sketch: inout Sketch, _ y: Double) {
        sketch.text("% busy", 6, y)
        for place in Palette.shares.indices {
            let x = 62 + 82 * Double(place)
            sketch.rectangle(x, y - 12, 22, 15, "h\(place)")
            sketch.text(Self.range(place), x + 26, y)
        }
    }

    private static func range(_ place: Int) -> String {
        let step = 100 / Palette.shares.count
        return "\(place * step)–\((place + 1) * step)"
    }
}

extension ShareStrips {
    func text(_ glyphs: Glyphs) -> String {
        let margin = rows.map(\.name.count).max() ?? 0
        let lines = rows.map { row in
            let strip = row.shares.map { glyphs.shades[Self.level($0)] }
            return row.name + String(repeating: " ", count: margin - row.name.count) + "  "
                + String(strip) + "  " + row.note
        }
        let legend = glyphs.shades.indices.map { place in
            "\(glyphs.shades[place]) from \(place * 100 / glyphs.shades.count) %"
        }
        let end = "  0 to \(PlotAxis.label(rounded(seconds, 1))) s;  busy: "
        return (lines + [end + legend.joined(separator: ", ")]).joined(separator: "\n") + "\n"
    }
}
