/// Predicted over measured values as an SVG, both axes logarithmic.
///
/// The diagonal is a perfect prediction, the lines beside it are a quarter off.
struct ScatterPlot {
    struct Point {
        let measured: Double
        let predicted: Double
        /// Place of its group in `groups`.
        let group: Int
    }

    /// What is shown, with its unit.
    let title: String
    let groups: [String]
    let points: [Point]

    private static let side = 420.0
    private static let margin = 48.0
    /// Okabe and Ito's colours, which people tell apart however they see colours.
    private static let colours = [
        "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999933",
    ]

    /// The element, and nothing around it; empty without points.
    var svg: String {
        let values = points.flatMap { [$0.measured, $0.predicted] }.filter { $0 > 0 }
        guard let least = values.min(), let most = values.max() else { return "" }
        let axis = LogAxis(least, most)
        let legend = 16.0 * Double(groups.count)
        let size = (
            width: Self.side + 2 * Self.margin, height: Self.side + 2 * Self.margin + legend
        )
        return
            ([
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Drawing.length(size.width)) "
                    + "\(Drawing.length(size.height))\" width=\"\(Drawing.length(size.width))\" "
                    + "height=\"\(Drawing.length(size.height))\" font-family=\"sans-serif\" font-size=\"11\">",
                "<title>\(title.escapedForMarkup)</title>",
                "<rect x=\"\(Drawing.length(Self.margin))\" y=\"\(Drawing.length(Self.margin))\" width=\"\(Drawing.length(Self.side))\" "
                    + "height=\"\(Drawing.length(Self.side))\" fill=\"none\" stroke=\"#888\"/>",
                "<text x=\"\(Drawing.length(Self.margin))\" y=\"\(Drawing.length(Self.margin - 16))\" font-size=\"13\">"
                    + "\(title.escapedForMarkup)</text>",
            ] + ticks(axis) + guides(axis) + marks(axis) + legendLines + ["</svg>"])
            .joined(separator: "\n") + "\n"
    }

    private func ticks(_ axis: LogAxis) -> [String] {
        axis.decades.flatMap { value -> [String] in
            let (x, y) = (self.x(axis, value), self.y(axis, value))
            let bottom = Self.margin + Self.side
            return [
                "<path d=\"M\(Drawing.length(x)) \(Drawing.length(Self.margin))V\(Drawing.length(bottom))M\(Drawing.length(Self.margin)) "
                    + "\(Drawing.length(y))H\(Drawing.length(bottom))\" stroke=\"#ddd\"/>",
                "<text x=\"\(Drawing.length(x))\" y=\"\(Drawing.length(bottom + 14))\" text-anchor=\"middle\">"
                    + "\(LogAxis.label(value))</text>",
                "<text x=\"\(Drawing.length(Self.margin - 4))\" y=\"\(Drawing.length(y + 4))\" text-anchor=\"end\">"
                    + "\(LogAxis.label(value))</text>",
            ]
        } + [
            "<text x=\"\(Drawing.length(Self.margin + Self.side / 2))\" y=\"\(Drawing.length(Self.margin + Self.side + 32))\" "
                + "text-anchor=\"middle\">measured</text>",
            "<text x=\"14\" y=\"\(Drawing.length(Self.margin + Self.side / 2))\" text-anchor=\"middle\" "
                + "transform=\"rotate(-90 14 \(Drawing.length(Self.margin + Self.side / 2)))\">predicted</text>",
        ]
    }

    /// The diagonal, and what is a quarter too high or too low, inside the frame.
    private func guides(_ axis: LogAxis) -> [String] {
        [(1.0, "#444"), (1.25, "#aaa"), (0.75, "#aaa")].map { factor, colour in
            let start = max(axis.least, axis.least / factor)
            let end = min(axis.most, axis.most / factor)
            return
                "<path d=\"M\(Drawing.length(x(axis, start))) \(Drawing.length(y(axis, start * factor)))"
                + "L\(Drawing.length(x(axis, end))) \(Drawing.length(y(axis, end * factor)))\" stroke=\"\(colour)\"/>"
        }
    }

    private func marks(_ axis: LogAxis) -> [String] {
        points.filter { $0.measured > 0 && $0.predicted > 0 }.map { point in
            "<circle cx=\"\(Drawing.length(x(axis, point.measured)))\" cy=\"\(Drawing.length(y(axis, point.predicted)))\" "
                + "r=\"2\" fill=\"\(colour(point.group))\" fill-opacity=\"0.6\"/>"
        }
    }

    private var legendLines: [String] {
        groups.enumerated().map { place, group in
            let y = Self.side + 2 * Self.margin + 16 * Double(place)
            return
                "<circle cx=\"\(Drawing.length(Self.margin + 4))\" cy=\"\(Drawing.length(y - 4))\" r=\"4\" "
                + "fill=\"\(colour(place))\"/><text x=\"\(Drawing.length(Self.margin + 14))\" "
                + "y=\"\(Drawing.length(y))\">\(group.escapedForMarkup)</text>"
        }
    }

    private func colour(_ group: Int) -> String { Self.colours[group % Self.colours.count] }

    private func x(_ axis: LogAxis, _ value: Double) -> Double {
        Self.margin + Self.side * axis.share(value)
    }

    private func y(_ axis: LogAxis, _ value: Double) -> Double {
        Self.margin + Self.side * (1 - axis.share(value))
    }
}
