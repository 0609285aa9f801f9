/// Bars of parts that add up to something.
struct StackedBars: Chart {
    struct Bar {
        let name: String
        /// Of each part, in their order.
        let values: [Double]

        var total: Double { values.reduce(0, +) }
    }

    let title: String
    let parts: [String]
    let bars: [Bar]
    /// Something that bars are compared with.
    let guide: (value: Double, name: String)?
    /// The total of a bar in words.
    let label: @Sendable (Double) -> String

    private static let row = 46.0
    private static let width = 400.0
    /// Patterns of the parts, so that they are told without colours.
    private static let fillings = ["solid", "stripes", "dots", "cross", "plain"]

    private var axis: PlotAxis {
        // A guide far beyond the bars would leave nothing of them.
        let longest = bars.map(\.total).max() ?? 0
        let reach = guide.map { $0.value <= 2.5 * longest ? [$0.value] : [] } ?? []
        return .linear(title, bars.map(\.total) + reach)
    }

    var sketch: Sketch {
        let axis = axis
        let bottom = Self.row * Double(bars.count) + 8
        var sketch = Sketch(
            height: bottom + 46 + 20 * Double(parts.count) + (guide == nil ? 0 : 20))
        parts.indices.forEach { sketch.define(Self.pattern($0)) }
        for tick in axis.ticks {
            let x = 8 + Self.width * axis.share(tick)
            sketch.line(x, 6, to: (x, bottom), "g")
            sketch.text(PlotAxis.label(tick), x, bottom + 15, "m", anchor: .middle)
        }
        sketch.text(title, 8 + Self.width, bottom + 31, "m", anchor: .end)
        for (row, bar) in bars.enumerated() { draw(bar, row, axis, &sketch) }
        drawGuide(axis, &sketch)
        drawLegend(&sketch, from: bottom + 50)
        return sketch
    }

    private func draw(_ bar: Bar, _ row: Int, _ axis: PlotAxis, _ sketch: inout Sketch) {
        let y = Self.row * Double(row)
        sketch.text(bar.name, 8, y + 16, "b")
        var passed = 0.0
        for (part, value) in bar.values.enumerated() {
            let (start, end) = (axis.share(passed), axis.share(passed + value))
            passed += value
            let width = Self.width * (end - start)
            guard width > 0.05 else { continue }
            sketch.rectangle(
                8 + Self.width * start, y + 21, width, 18, "s\(part)", fill: "url(#part\(part))")
        }
        sketch.text(label(bar.total), 8 + Self.width * axis.share(bar.total) + 5, y + 35)
    }

    /// Across the bars, and not through their names.
    private func drawGuide(_ axis: PlotAxis, _ sketch: inout Sketch) {
        guard let guide, let end = axis.ticks.last, guide.value <= end else { return }
        let x = 8 + Self.width * axis.share(guide.value)
        for row in bars.indices {
            let y = Self.row * Double(row)
            sketch.line(x, y + 19, to: (x, y + 41), "u")
        }
    }

    private func drawLegend(_ sketch: inout Sketch, from top: Double) {
        for (part, name) in parts.enumerated() {
            let y = top + 20 * Double(part)
            sketch.rectangle(8, y - 12, 34, 15, "s\(part)", fill: "url(#part\(part))")
            sketch.text(name, 52, y)
        }
        guard let guide else { return }
        let y = top + 20 * Double(parts.count)
        let isShown = axis.ticks.last.map { guide.value <= $0 } ?? false
        if isShown { sketch.line(8, y - 4, to: (42, y - 4), "u") }
        sketch.text(guide.name + (isShown ? "" : " (beyond the axis)"), 52, y)
    }

    private static func pattern(_ part: Int) -> String {
        let inner =
            switch fillings[part % fillings.count] {
            case "solid": "<rect width=\"8\" height=\"8\" class=\"f\(part)\"/>"
            case "stripes": "<path d=\"M0 8L8 0\" class=\"s\(part)\" stroke-width=\"2.5\"/>"
            case "dots": "<circle cx=\"4\" cy=\"4\" r=\"2\" class=\"f\(part)\"/>"
            case "cross":
                "<path d=\"M0 4H8M4 0V8\" class=\"s\(part)\" stroke-width=\"1.5\"/>"
            default: ""
            }
        return
            "<pattern id=\"part\(part)\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">"
            + "<rect width=\"8\" height=\"8\" style=\"fill:var(--background)\"/>\(inner)</pattern>"
    }
}

extension StackedBars {
    private static let columns = 60

    /// A line for each bar, filled with the character of each part.
    func text(_ glyphs: Glyphs) -> String {
        let axis = axis
        var lines: [String] = []
        for bar in bars {
            var (line, passed) = ("", 0.0)
            for (part, value) in bar.values.enumerated() {
                passed += value
                let end = Int((axis.share(passed) * Double(Self.columns)).rounded())
                let glyph = glyphs.parts[part % glyphs.parts.count]
                line += String(repeating: glyph, count: max(0, end - line.count))
            }
            lines += [bar.name, "  " + line + " " + label(bar.total)]
        }
        lines += parts.enumerated().map { "  \(glyphs.parts[$0 % glyphs.parts.count]) \($1)" }
        if let guide { lines.append("  " + guide.name) }
        return lines.joined(separator: "\n") + "\n"
    }
}
