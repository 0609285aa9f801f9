import CostModeling
import Planning
import ServingDomain

extension PlanFigures {
    /// Times of whole steps: prefill against new tokens, decode against sequences.
    var steps: [Figure] { Phase.allCases.compactMap(step) }

    private func step(_ phase: Phase) -> Figure? {
        let curves = study.steps.filter { $0.phase == phase }
        guard !curves.isEmpty else { return nil }
        let isPrefill = phase == .prefill
        let (x, held) =
            isPrefill
            ? ("new tokens", "tokens of history")
            : ("sequences in the batch", "tokens of context each")
        return Figure(
            id: isPrefill ? "prefill" : "decode",
            title: isPrefill ? "Time of a prefill" : "Time of a decode step",
            caption: "Milliseconds of one "
                + (isPrefill ? "prefill" : "decode step") + " on an idle worker against \(x), with "
                + curves.map { "\($0.cached)" }.distinct.joined(separator: " or ")
                + " \(held): the cost function that the simulator uses, engine overhead included. "
                + "The table says what lies outside the range that the curves were fitted for."
                + trusted,
            reading: "Grey dotted parts and hollow marks lie outside the fitted range.",
            chart: chart(of: curves, x, held), table: table(of: curves))
    }

    private func chart(of curves: [StepCurve], _ x: String, _ held: String) -> LineChart {
        let points = curves.flatMap(\.points)
        return LineChart(
            x: .log(x, points.map { Double($0.size) }),
            y: .log("ms", points.map { $0.nanoseconds / 1e6 }),
            series: curves.enumerated().map { place, curve in
                LineChart.Series(
                    name: "TP \(curve.kind), \(curve.cached) \(held)",
                    style: SeriesStyle(place: place),
                    points: curve.points.map {
                        LineChart.Point(
                            x: Double($0.size), y: $0.nanoseconds / 1e6, isHollow: !$0.isFitted,
                            isFaded: !$0.isFitted)
                    })
            })
    }

    private func table(of curves: [StepCurve]) -> TextTable {
        var table = TextTable([
            ("worker", .left), ("cached_tokens", .right), ("tokens_or_batch", .right),
            ("ms", .right), ("extrapolated", .left),
        ])
        for curve in curves {
            for point in curve.points {
                table.append([
                    "TP \(curve.kind)", "\(curve.cached)", "\(point.size)",
                    Self.milliseconds(point.nanoseconds, 4), point.isFitted ? "no" : "yes",
                ])
            }
        }
        return table
    }
}

extension Array where Element: Hashable {
    /// Each element once, in the order of its first place.
    fileprivate var distinct: Self {
        reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
