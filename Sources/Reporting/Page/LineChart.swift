/// Series of points over two axes, with lines, bands, marks and guides.
struct LineChart: Chart {
    struct Point {
        let x: Double
        let y: Double
        /// Drawn as an outline; the caption says what of.
        var isHollow = false
        /// Beyond what is known: the line up to here is grey and dotted.
        var isFaded = false
    }

    struct Series {
        let name: String
        let style: SeriesStyle
        var points: [Point]
        /// Low and high at the points' places; empty for no band.
        var band: [(low: Double, high: Double)] = []
        var hasLine = true
        var hasMarks = true
        /// Stands at its last point that is no outline, else at its last; empty for no label.
        var label = ""

        fileprivate var labelled: Point? { points.last { !$0.isHollow } ?? points.last }
    }

    /// A line across the plot.
    struct Guide {
        enum Direction {
            case vertical
            case horizontal
        }

        let direction: Direction
        let value: Double
        let name: String
        /// A few characters at the line.
        let letter: String
    }

    let x: PlotAxis
    let y: PlotAxis
    var series: [Series]
    var guides: [Guide] = []
    /// Points that a broken line joins behind the series; empty for none.
    var front: [(x: Double, y: Double)] = []

    static let frame = (left: 46.0, top: 34.0, width: 416.0, height: 216.0)
    private static let legendRow = 18.0

    var sketch: Sketch {
        let legend = Double(legendEntries.count) * Self.legendRow
        var sketch = Sketch(height: Self.frame.top + Self.frame.height + 48 + legend)
        drawAxes(&sketch)
        for series in series { drawBand(series, &sketch) }
        for guide in guides { draw(guide, &sketch) }
        if front.count > 1 {
            sketch.path(Sketch.outline(front.map { place($0.x, $0.y) }), "u")
        }
        for series in series { draw(series, &sketch) }
        drawLabels(&sketch)
        drawLegend(&sketch)
        return sketch
    }

    // MARK: Places

    func place(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
        (
            Self.frame.left + Self.frame.width * self.x.share(x),
            Self.frame.top + Self.frame.height * (1 - self.y.share(y))
        )
    }

    // MARK: Parts of the picture

    private func drawAxes(_ sketch: inout Sketch) {
        let (left, top) = (Self.frame.left, Self.frame.top)
        let (right, bottom) = (left + Self.frame.width, top + Self.frame.height)
        for tick in y.ticks {
            let height = bottom - Self.frame.height * y.share(tick)
            sketch.line(left, height, to: (right, height), "g")
            sketch.text(PlotAxis.label(tick), left - 5, height + 4, "m", anchor: .end)
        }
        for tick in x.ticks {
            let across = left + Self.frame.width * x.share(tick)
            sketch.line(across, top, to: (across, bottom), "g")
            sketch.text(PlotAxis.label(tick), across, bottom + 18, "m", anchor: .middle)
        }
        sketch.line(left, bottom, to: (right, bottom), "a")
        sketch.text(y.title, 2, 12, "m")
        sketch.text(x.title, right, bottom + 35, "m", anchor: .end)
    }

    private func drawBand(_ series: Series, _ sketch: inout Sketch) {
        guard !series.band.isEmpty else { return }
        let pairs = zip(series.points, series.band)
        let upper = pairs.map { place($0.x, $1.high) }
        let lower = pairs.map { place($0.x, $1.low) }
        sketch.path(
            Sketch.outline(upper + lower.reversed()) + "Z", "w f\(series.style.colour)")
    }

    private func draw(_ guide: Guide, _ sketch: inout Sketch) {
        let (left, top) = (Self.frame.left, Self.frame.top)
        switch guide.direction {
        case .vertical:
            let across = place(guide.value, 0).x
            sketch.line(across, top, to: (across, top + Self.frame.height), "u")
            sketch.text(guide.letter, across, top - 6, "m", anchor: anchor(of: guide))
        case .horizontal:
            let height = place(0, guide.value).y
            sketch.line(left, height, to: (left + Self.frame.width, height), "u")
            sketch.text(guide.letter, left + 4, height - 4, "m")
        }
    }

    /// Words at lines that are near each other lean away from each other.
    private func anchor(of guide: Guide) -> Sketch.Anchor {
        let lines = guides.filter { $0.direction == .vertical }.enumerated()
            .map { (x: place($0.element.value, 0).x, order: $0.offset, name: $0.element.name) }
            .sorted { ($0.x, $0.order) < ($1.x, $1.order) }
        guard let own = lines.firstIndex(where: { $0.name == guide.name }) else { return .middle }
        let room = 44.0
        if own + 1 < lines.count, lines[own + 1].x - lines[own].x < room { return .end }
        return own > 0 && lines[own].x - lines[own - 1].x < room ? .start : .middle
    }

    private func draw(_ series: Series, _ sketch: inout Sketch) {
        let (points, style) = (series.points, series.style)
        if series.hasLine {
            for run in runs(of: points) {
                let outline = Sketch.outline(run.points.map { place($0.x, $0.y) })
                if run.isFaded {
                    sketch.path(outline, "x")
                } else {
                    sketch.path(outline, "l s\(style.colour)", dash: style.dash)
                }
            }
        }
        guard series.hasMarks else { return }
        for point in points {
            let at = place(point.x, point.y)
            sketch.mark(style, at.x, at.y, isHollow: point.isHollow)
        }
    }

    /// Stretches of a line that are drawn alike; neighbours share a point.
    private func runs(of points: [Point]) -> [(isFaded: Bool, points: [Point])] {
        var runs: [(isFaded: Bool, points: [Point])] = []
        for (start, end) in zip(points, points.dropFirst()) {
            let isFaded = start.isFaded || end.isFaded
            if let last = runs.last, last.isFaded == isFaded {
                runs[runs.count - 1].points.append(end)
            } else {
                runs.append((isFaded, [start, end]))
            }
        }
        return runs
    }

    /// Labels at points of the lines, each where neither a mark nor another label stands, if there is room.
    private func drawLabels(_ sketch: inout Sketch) {
        let ends = series.compactMap { series in
            series.labelled.map { (series: series, at: place($0.x, $0.y)) }
        }
        var taken = series.flatMap(\.points).map { place($0.x, $0.y) }
        for end in ends where !end.series.label.isEmpty {
            let offsets: [(x: Double, y: Double)] = [
                (0, -13), (0, 14), (13, 0), (-13, 0), (11, -11), (-11, -11), (11, 12), (-11, 12),
                (0, -25), (25, 0), (0, 26), (-25, 0),
            ]
            let places = offsets.map { (x: end.at.x + $0.x, y: end.at.y + $0.y) }
            let free = places.first { place in
                place.x < Self.frame.left + Self.frame.width && place.y > 16
                    && taken.allSatisfy { abs($0.x - place.x) > 9 || abs($0.y - place.y) > 10 }
            }
            let spot = free ?? places[0]
            taken.append(spot)
            sketch.text(end.series.label, spot.x, spot.y + 4, "b", anchor: .middle)
        }
    }

    // MARK: Legend

    private enum LegendEntry {
        case series(Series)
        case guide(Guide)
    }

    /// A lone series without a guide needs no legend.
    private var legendEntries: [LegendEntry] {
        guard series.count + guides.count > 1 else { return [] }
        return series.map(LegendEntry.series) + guides.map(LegendEntry.guide)
    }

    private func drawLegend(_ sketch: inout Sketch) {
        let top = Self.frame.top + Self.frame.height + 55
        for (row, entry) in legendEntries.enumerated() {
            let height = top + Double(row) * Self.legendRow
            switch entry {
            case .series(let series):
                let style = series.style
                if series.hasLine {
                    sketch.line(
                        6, height - 4, to: (38, height - 4), "l s\(style.colour)",
                        dash: style.dash)
                }
                if series.hasMarks { sketch.mark(style, 22, height - 4) }
                let indent = series.label.isEmpty ? 0.0 : 18
                if indent > 0 { sketch.text(series.label, Self.frame.left, height, "b") }
                sketch.text(series.name, Self.frame.left + indent, height)
            case .guide(let guide):
                sketch.line(6, height - 4, to: (38, height - 4), "u")
                sketch.text(guide.name, Self.frame.left, height)
            }
        }
    }
}
