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
        let axis = Axis(least, most)
        let legend = 16.0 * Double(groups.count)
        let size = (
            width: Self.side + 2 * Self.margin, height: Self.side + 2 * Self.margin + legend
        )
        return
            ([
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(text(size.width)) "
                    + "\(text(size.height))\" width=\"\(text(size.width))\" "
                    + "height=\"\(text(size.height))\" font-family=\"sans-serif\" font-size=\"11\">",
                "<title>\(title.escapedForMarkup)</title>",
                "<rect x=\"\(text(Self.margin))\" y=\"\(text(Self.margin))\" width=\"\(text(Self.side))\" "
                    + "height=\"\(text(Self.side))\" fill=\"none\" stroke=\"#888\"/>",
                "<text x=\"\(text(Self.margin))\" y=\"\(text(Self.margin - 16))\" font-size=\"13\">"
                    + "\(title.escapedForMarkup)</text>",
            ] + ticks(axis) + guides(axis) + marks(axis) + legendLines + ["</svg>"])
            .joined(separator: "\n") + "\n"
    }

    private func ticks(_ axis: Axis) -> [String] {
        axis.decades.flatMap { value -> [String] in
            let (x, y) = (self.x(axis, value), self.y(axis, value))
            let bottom = Self.margin + Self.side
            return [
                "<path d=\"M\(text(x)) \(text(Self.margin))V\(text(bottom))M\(text(Self.margin)) "
                    + "\(text(y))H\(text(bottom))\" stroke=\"#ddd\"/>",
                "<text x=\"\(text(x))\" y=\"\(text(bottom + 14))\" text-anchor=\"middle\">"
                    + "\(label(value))</text>",
                "<text x=\"\(text(Self.margin - 4))\" y=\"\(text(y + 4))\" text-anchor=\"end\">"
                    + "\(label(value))</text>",
            ]
        } + [
            "<text x=\"\(text(Self.margin + Self.side / 2))\" y=\"\(text(Self.margin + Self.side + 32))\" "
                + "text-anchor=\"middle\">measured</text>",
            "<text x=\"14\" y=\"\(text(Self.margin + Self.side / 2))\" text-anchor=\"middle\" "
                + "transform=\"rotate(-90 14 \(text(Self.margin + Self.side / 2)))\">predicted</text>",
        ]
    }

    /// The diagonal, and what is a quarter too high or too low, inside the frame.
    private func guides(_ axis: Axis) -> [String] {
        [(1.0, "#444"), (1.25, "#aaa"), (0.75, "#aaa")].map { factor, colour in
            let start = max(axis.least, axis.least / factor)
            let end = min(axis.most, axis.most / factor)
            return "<path d=\"M\(text(x(axis, start))) \(text(y(axis, start * factor)))"
                + "L\(text(x(axis, end))) \(text(y(axis, end * factor)))\" stroke=\"\(colour)\"/>"
        }
    }

    private func marks(_ axis: Axis) -> [String] {
        points.filter { $0.measured > 0 && $0.predicted > 0 }.map { point in
            "<circle cx=\"\(text(x(axis, point.measured)))\" cy=\"\(text(y(axis, point.predicted)))\" "
                + "r=\"2\" fill=\"\(colour(point.group))\" fill-opacity=\"0.6\"/>"
        }
    }

    private var legendLines: [String] {
        groups.enumerated().map { place, group in
            let y = Self.side + 2 * Self.margin + 16 * Double(place)
            return "<circle cx=\"\(text(Self.margin + 4))\" cy=\"\(text(y - 4))\" r=\"4\" "
                + "fill=\"\(colour(place))\"/><text x=\"\(text(Self.margin + 14))\" "
                + "y=\"\(text(y))\">\(group.escapedForMarkup)</text>"
        }
    }

    private func colour(_ group: Int) -> String { Self.colours[group % Self.colours.count] }

    private func x(_ axis: Axis, _ value: Double) -> Double {
        Self.margin + Self.side * axis.share(value)
    }

    private func y(_ axis: Axis, _ value: Double) -> Double {
        Self.margin + Self.side * (1 - axis.share(value))
    }

    /// A length in the picture, or a figure, with at most one decimal.
    private func text(_ value: Double) -> String {
        let tenth = rounded(value, 1)
        return tenth == tenth.rounded() ? String(Int(tenth)) : "\(tenth)"
    }

    private func label(_ value: Double) -> String {
        value >= 1 ? String(Int(value)) : "\(value)"
    }

    /// Whole decades around all values.
    private struct Axis {
        let decades: [Double]
        var least: Double { decades[0] }
        var most: Double { decades[decades.count - 1] }

        init(_ least: Double, _ most: Double) {
            var start = 1.0
            while start > least, start > 1e-9 { start /= 10 }
            while start * 10 <= least { start *= 10 }
            var decades = [start]
            while decades[decades.count - 1] < most {
                decades.append(decades[decades.count - 1] * 10)
            }
            self.decades = decades.count > 1 ? decades : [start, start * 10]
        }

        /// From 0 at the least to 1 at the most.
        func share(_ value: Double) -> Double {
            min(max(decade(value) / Double(decades.count - 1), 0), 1)
        }

        private func decade(_ value: Double) -> Double {
            var (power, rest) = (0.0, value / least)
            while rest >= 10 { (power, rest) = (power + 1, rest / 10) }
            return power + Self.logarithm(rest)
        }

        /// log10 of 1 to 10 by repeated squaring, to 2^-12: the same digits on every machine, and finer
        /// than a picture of this size.
        private static func logarithm(_ value: Double) -> Double {
            var (result, part, rest) = (0.0, 0.5, value)
            for _ in 0..<12 {
                rest *= rest
                if rest >= 10 { (result, rest) = (result + part, rest / 10) }
                part /= 2
            }
            return result
        }
    }
}

extension String {
    /// Without what would begin an element or an entity, or end an attribute.
    var escapedForMarkup: String {
        var text = ""
        for character in self {
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            default: text.append(character)
            }
        }
        return text
    }
}
