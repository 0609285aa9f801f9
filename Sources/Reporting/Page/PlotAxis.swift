/// One axis of a plot: from values to shares of its length, with its ticks.
struct PlotAxis {
    private enum Scale {
        case linear(low: Double, high: Double)
        case log(LogAxis)
    }

    /// What is shown, with its unit.
    let title: String
    private let scale: Scale
    let ticks: [Double]

    /// Even steps around all values, from 0 on unless something is below.
    ///
    /// - Parameters:
    ///   - title: with the unit.
    ///   - values: that are shown; without any, 0 to 1.
    ///   - most: the end of the axis, whatever the values are.
    /// - Returns: an axis whose ends are ticks.
    static func linear(_ title: String, _ values: [Double], upTo most: Double? = nil) -> Self {
        let known = values.filter(\.isFinite)
        let (least, greatest) = (min(0, known.min() ?? 0), most ?? known.max() ?? 1)
        let step = Self.step(max(greatest - least, 1e-9))
        let (low, high) = (
            (least / step).rounded(.down), ((greatest - 1e-9 * step) / step).rounded(.up)
        )
        return Self(
            title: title, scale: .linear(low: low * step, high: high * step),
            ticks: stride(from: low, through: high, by: 1).map { $0 * step })
    }

    /// Whole decades around all values above 0.
    static func log(_ title: String, _ values: [Double]) -> Self {
        let known = values.filter { $0 > 0 && $0.isFinite }
        let axis = LogAxis(known.min() ?? 1, known.max() ?? 10)
        return Self(title: title, scale: .log(axis), ticks: axis.decades)
    }

    /// From 0 at the start of the axis to 1 at its end.
    func share(_ value: Double) -> Double {
        switch scale {
        case .linear(let low, let high): min(max((value - low) / (high - low), 0), 1)
        case .log(let axis): value > 0 ? axis.share(value) : 0
        }
    }

    /// A step that cuts a span into three to six pieces.
    private static func step(_ span: Double) -> Double {
        var ten = 1.0
        while ten * 10 <= span { ten *= 10 }
        while ten > span { ten /= 10 }
        return [0.2, 0.25, 0.5, 1, 2].map { $0 * ten }.first { span / $0 <= 6 } ?? 2 * ten
    }

    /// A value in few characters: 0.25, 40, 12k, 3M.
    static func label(_ value: Double) -> String {
        switch abs(value) {
        case 1e9...: short(value / 1e9) + "G"
        case 1e6...: short(value / 1e6) + "M"
        case 1e4...: short(value / 1e3) + "k"
        default: short(value)
        }
    }

    private static func short(_ value: Double) -> String {
        let cut = fine(value)
        return cut == cut.rounded() && abs(cut) < 1e15 ? String(Int(cut)) : "\(cut)"
    }
}
