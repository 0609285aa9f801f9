import Planning
import ServingDomain
import Simulation

extension PlanFigures {
    /// Attainment against the rate; nil in a closed loop.
    var attainment: Figure? {
        guard let curve = study.rates else { return nil }
        return Figure(
            id: "attainment", title: "Attainment against rate",
            caption: attainmentCaption(curve),
            reading: "The band is the 95 % interval; hollow marks are overload.",
            chart: attainmentChart(curve),
            table: attainmentTable(curve))
    }

    private func attainmentCaption(_ curve: RateCurve) -> String {
        let knee =
            curve.knee.map {
                "The knee is the highest rate at which every target is met, "
                    + "\(fine($0)) sessions/s by runs of ten times as many sessions (within 2 %). "
            } ?? "No rate down to a thousandth of the case's meets every target. "
        let multiples = RateCurve.multiples.map(PlotAxis.label).joined(separator: ", ")
        return
            "Share of \(service.headline.unit) that meet the targets (\(service.headline.rawValue)) as the "
            + "rate grows, for \(study.chosen). " + knee
            + "In overload attainment is that of the first "
            + "\(study.planningCase.planning.horizonSessions) sessions on an empty cluster. Simulated at "
            + "\(multiples) times the knee and at the rate of the case, "
            + "\(study.planningCase.planning.replications) runs each." + trusted
    }

    private func attainmentChart(_ curve: RateCurve) -> LineChart {
        let points = curve.points
        return LineChart(
            x: .linear("sessions/s", points.map(\.rate)),
            y: .linear("attainment (share)", [0, 1], upTo: 1),
            series: [
                LineChart.Series(
                    name: "attainment", style: SeriesStyle(place: 0),
                    points: points.map {
                        LineChart.Point(
                            x: $0.rate, y: $0.attainment.value, isHollow: $0.isOverloaded)
                    }, band: points.map { ($0.attainment.low, $0.attainment.high) })
            ],
            guides: [
                LineChart.Guide(
                    direction: .vertical, value: curve.rate,
                    name: "rate of the case: \(fine(curve.rate)) sessions/s", letter: "case")
            ]
                + [
                    curve.knee.map {
                        LineChart.Guide(
                            direction: .vertical, value: $0,
                            name: "knee: \(fine($0)) sessions/s", letter: "knee")
                    }
                ].compactMap { $0 } + [
                    LineChart.Guide(
                        direction: .horizontal, value: service.attainmentGoal,
                        name: "goal: \(service.attainmentGoal)", letter: "goal")
                ])
    }

    private func attainmentTable(_ curve: RateCurve) -> TextTable {
        var table = TextTable([
            ("sessions_per_s", .right), ("attainment", .right), ("attainment_low", .right),
            ("attainment_high", .right), ("ttft_p95_ms", .right), ("itl_p95_ms", .right),
            ("overload", .left),
        ])
        for point in curve.points {
            table.append(
                ["\(fine(point.rate))"]
                    + [point.attainment.value, point.attainment.low, point.attainment.high].map {
                        "\(rounded($0, 4))"
                    }
                    + [
                        Self.milliseconds(point.ttftP95?.value),
                        Self.milliseconds(point.itlP95?.value, 2),
                        point.isOverloaded ? "yes" : "no",
                    ])
        }
        return table
    }
}

extension ServiceLevel.Headline {
    /// What is counted.
    fileprivate var unit: String { self == .sessionStrict ? "sessions" : "rounds" }
}
