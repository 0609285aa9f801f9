/// A drawing under way, in units that are pixels where it is shown at its own size.
struct Sketch {
    /// Where a text stands at its place.
    enum Anchor: String {
        case start
        case middle
        case end
    }

    let width: Double
    var height: Double
    private(set) var elements: [String] = []

    init(width: Double = Sketch.usualWidth, height: Double) {
        (self.width, self.height) = (width, height)
    }

    /// Narrow, so that words stay legible on a telephone.
    static let usualWidth = 480.0

    mutating func text(
        _ text: String, _ x: Double, _ y: Double, _ kind: String = "", anchor: Anchor = .start
    ) {
        let anchored = anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\""
        elements.append(
            "<text x=\"\(Drawing.length(x))\" y=\"\(Drawing.length(y))\"\(Self.kind(kind))\(anchored)>"
                + "\(text.escapedForMarkup)</text>")
    }

    mutating func path(_ outline: String, _ kind: String, dash: String = "") {
        let dashes = dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\""
        elements.append("<path d=\"\(outline)\"\(Self.kind(kind))\(dashes)/>")
    }

    mutating func line(
        _ x: Double, _ y: Double, to end: (x: Double, y: Double), _ kind: String, dash: String = ""
    ) {
        path(Self.outline([(x, y), end]), kind, dash: dash)
    }

    mutating func rectangle(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ kind: String,
        fill: String? = nil
    ) {
        let filling = fill.map { " fill=\"\($0.escapedForMarkup)\"" } ?? ""
        elements.append(
            "<rect x=\"\(Drawing.length(x))\" y=\"\(Drawing.length(y))\" "
                + "width=\"\(Drawing.length(width))\" height=\"\(Drawing.length(height))\""
                + "\(Self.kind(kind))\(filling)/>")
    }

    /// A mark of a series; hollow ones say what the legend tells of them.
    mutating func mark(_ style: SeriesStyle, _ x: Double, _ y: Double, isHollow: Bool = false) {
        let kind = isHollow ? "o s\(style.colour)" : "f\(style.colour) s\(style.colour)"
        path(Self.outline(of: style.shape, x, y), kind)
    }

    /// Something that is not drawn by these means, such as a pattern.
    mutating func define(_ markup: String) { elements.append("<defs>\(markup)</defs>") }

    /// Moves to the first point and draws lines to the others.
    static func outline(_ points: [(x: Double, y: Double)]) -> String {
        points.enumerated().map { place, point in
            (place == 0 ? "M" : "L") + "\(Drawing.length(point.x)) \(Drawing.length(point.y))"
        }.joined()
    }

    private static func outline(of shape: MarkShape, _ x: Double, _ y: Double) -> String {
        func closed(_ points: [(x: Double, y: Double)]) -> String {
            outline(points.map { (x + $0.x, y + $0.y) }) + "Z"
        }
        switch shape {
        case .circle:
            let start = "M\(Drawing.length(x - 4)) \(Drawing.length(y))"
            return start + "a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z"
        case .square: return closed([(-3.6, -3.6), (3.6, -3.6), (3.6, 3.6), (-3.6, 3.6)])
        case .triangle: return closed([(0, -4.6), (4.4, 3.4), (-4.4, 3.4)])
        case .diamond: return closed([(0, -5), (5, 0), (0, 5), (-5, 0)])
        case .wedge: return closed([(0, 4.6), (4.4, -3.4), (-4.4, -3.4)])
        }
    }

    private static func kind(_ kind: String) -> String {
        kind.isEmpty ? "" : " class=\"\(kind)\""
    }
}

extension Sketch {
    /// The element of a page that scales with it, or of a file of its own that brings its colours along.
    ///
    /// - Parameters:
    ///   - id: of its title and description, unique in a page.
    ///   - title: what it shows.
    ///   - description: what one sees, for who does not.
    ///   - standsAlone: whether it is a file.
    /// - Returns: one element with a line break behind it.
    func svg(id: String, title: String, description: String, standsAlone: Bool = false) -> String {
        let size =
            standsAlone
            ? " width=\"\(Drawing.length(width))\" height=\"\(Drawing.length(height))\"" : ""
        let backdrop =
            "<rect width=\"100%\" height=\"100%\" style=\"fill:var(--background)\"/>"
        let start =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" "
            + "viewBox=\"0 0 \(Drawing.length(width)) \(Drawing.length(height))\"\(size) role=\"img\" "
            + "aria-labelledby=\"\(id)-t \(id)-d\">"
        return
            ([
                start, "<title id=\"\(id)-t\">\(title.escapedForMarkup)</title>",
                "<desc id=\"\(id)-d\">\(description.escapedForMarkup)</desc>",
            ]
            + (standsAlone ? ["<style>\(Palette.style)</style>", backdrop] : []) + elements
            + ["</svg>"]).joined(separator: "\n") + "\n"
    }
}
