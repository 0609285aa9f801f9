import Workloads

/// The share of values up to each as an SVG, the axis of values logarithmic.
struct DistributionPlot {
    /// What is shown, with its unit.
    let title: String
    /// Distinct values in ascending order, with how often each occurred.
    let values: [(value: Double, count: Int)]

    private static let size = (width: 320.0, height: 180.0)
    private static let margin = (left: 44.0, top: 28.0, bottom: 30.0, right: 28.0)
    /// Steps of the curve, at most.
    private static let steps = 400

    /// The element, and nothing around it; empty without a value above 0.
    var svg: String {
        let positive = values.filter { $0.value > 0 }
        guard let least = positive.first?.value, let most = positive.last?.value else { return "" }
        let axis = LogAxis(least, most)
        let width = Self.size.width + Self.margin.left + Self.margin.right
        let height = Self.size.height + Self.margin.top + Self.margin.bottom
        return Drawing.svg(
            title: title, width: width, height: height, left: Self.margin.left,
            grid(axis) + [curve(axis)])
    }

    private func grid(_ axis: LogAxis) -> [String] {
        let (left, top) = (Self.margin.left, Self.margin.top)
        let (right, bottom) = (left + Self.size.width, top + Self.size.height)
        let levels = [0.0, 0.25, 0.5, 0.75, 1].map { share -> String in
            let y = y(share)
            return
                "<path d=\"M\(Drawing.length(left)) \(Drawing.length(y))H\(Drawing.length(right))\" "
                + "stroke=\"#ddd\"/><text x=\"\(Drawing.length(left - 4))\" "
                + "y=\"\(Drawing.length(y + 3))\" text-anchor=\"end\">\(Int(share * 100)) %</text>"
        }
        return levels
            + axis.decades.map { value in
                let x = x(axis, value)
                return
                    "<path d=\"M\(Drawing.length(x)) \(Drawing.length(top))V\(Drawing.length(bottom))\" "
                    + "stroke=\"#ddd\"/><text x=\"\(Drawing.length(x))\" "
                    + "y=\"\(Drawing.length(bottom + 13))\" text-anchor=\"middle\">"
                    + "\(LogAxis.label(value))</text>"
            }
    }

    /// What is 0 or less stands at the left edge.
    private func curve(_ axis: LogAxis) -> String {
        let all = values.reduce(0) { $0 + $1.count }
        var (passed, drawn) = (0, 0)
        var path = "M\(Drawing.length(Self.margin.left)) \(Drawing.length(y(0)))"
        for (place, entry) in values.enumerated() {
            passed += entry.count
            // A step for each part of the values that is large enough to be seen, and the last.
            let isSeen = (passed - drawn) * Self.steps >= all || place + 1 == values.count
            guard isSeen else { continue }
            drawn = passed
            let x = entry.value > 0 ? x(axis, entry.value) : Self.margin.left
            path += "H\(Drawing.length(x))V\(Drawing.length(y(Double(passed) / Double(all))))"
        }
        return "<path d=\"\(path)\" fill=\"none\" stroke=\"#0072b2\" stroke-width=\"1.5\"/>"
    }

    private func x(_ axis: LogAxis, _ value: Double) -> Double {
        Self.margin.left + Self.size.width * axis.share(value)
    }

    private func y(_ share: Double) -> Double {
        Self.margin.top + Self.size.height * (1 - share)
    }
}

/// Calls in equal stretches of time as an SVG.
struct RatePlot {
    let title: String
    let rates: RateProfile

    private static let size = (width: 704.0, height: 120.0)
    private static let margin = (left: 44.0, top: 28.0, bottom: 30.0, right: 28.0)

    /// The element, and nothing around it; empty without calls.
    var svg: String {
        let most = Double(rates.counts.max() ?? 0) / Double(rates.seconds)
        guard most > 0 else { return "" }
        let width = Self.size.width + Self.margin.left + Self.margin.right
        let height = Self.size.height + Self.margin.top + Self.margin.bottom
        let bottom = Self.margin.top + Self.size.height
        let bar = Self.size.width / Double(rates.counts.count)
        let bars = rates.counts.enumerated().map { place, count in
            let tall = Self.size.height * Double(count) / Double(rates.seconds) / most
            return "<rect x=\"\(Drawing.length(Self.margin.left + bar * Double(place)))\" "
                + "y=\"\(Drawing.length(bottom - tall))\" width=\"\(Drawing.length(bar))\" "
                + "height=\"\(Drawing.length(tall))\" fill=\"#0072b2\"/>"
        }
        let end = rates.seconds * rates.counts.count
        return Drawing.svg(
            title: title, width: width, height: height, left: Self.margin.left,
            [
                "<text x=\"\(Drawing.length(Self.margin.left - 4))\" "
                    + "y=\"\(Drawing.length(Self.margin.top + 6))\" text-anchor=\"end\">"
                    + "\(rounded(most, 2))</text>",
                "<text x=\"\(Drawing.length(Self.margin.left))\" "
                    + "y=\"\(Drawing.length(bottom + 13))\">0 s</text>",
                "<text x=\"\(Drawing.length(Self.margin.left + Self.size.width))\" "
                    + "y=\"\(Drawing.length(bottom + 13))\" text-anchor=\"end\">\(end) s</text>",
            ] + bars)
    }
}
