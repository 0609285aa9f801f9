import Planning
import ServingDomain

extension PlanFigures {
    /// Output of each GPU against the speed that a user sees, for each plan at several rates.
    var frontier: Figure {
        Figure(
            id: "frontier", title: "Throughput of a GPU against speed for a user",
            caption: frontierCaption,
            reading: "Filled marks meet every target, hollow ones do not; the broken line is the "
                + "frontier.", chart: frontierChart, table: frontierTable)
    }

    private var front: [OperatingPoint] { OperatingPoint.undominated(study.frontier) }

    private var frontierCaption: String {
        let loads =
            study.planningCase.openRate == nil
            ? "the load of the case"
            : "\(OperatingPoint.multiples.map(PlotAxis.label).joined(separator: ", ")) times the rate "
                + "of the case"
        return
            "Each line is a plan at \(loads), as far as it keeps up: output tokens per second and GPU "
            + "against tokens per second that a typical round sees (one over the median TPOT). "
            + "Up and to the right is better. On the frontier is what meets the targets and is beaten "
            + "in both by nothing that does. At most \(OperatingPoint.mostLayouts) plans, "
            + "\(OperatingPoint.replications) runs each, no intervals." + trusted
    }

    private var layouts: [Deployment] {
        study.frontier.map(\.deployment).reduce(into: []) {
            if !$0.contains($1) { $0.append($1) }
        }
    }

    private var frontierChart: LineChart? {
        guard !study.frontier.isEmpty else { return nil }
        let plans = layouts.enumerated().map { place, layout in
            let style = SeriesStyle(place: place)
            return LineChart.Series(
                name: "\(layout)" + (layout == study.chosen ? " (this plan)" : ""), style: style,
                points: study.frontier.filter { $0.deployment == layout }.map {
                    LineChart.Point(
                        x: $0.tokensPerUser, y: $0.tokensPerGPU, isHollow: !$0.meetsTargets)
                }, label: style.letter)
        }
        let xs = study.frontier.map(\.tokensPerUser)
        return LineChart(
            x: .linear("output tokens/s of a user", xs),
            y: .linear("output tokens/s of a GPU", study.frontier.map(\.tokensPerGPU)),
            series: plans, front: front.map { ($0.tokensPerUser, $0.tokensPerGPU) })
    }

    private var frontierTable: TextTable {
        var table = TextTable([
            ("plan", .left), ("layout", .left), ("sessions_per_s", .right),
            ("tokens_per_s_of_user", .right), ("tokens_per_s_of_gpu", .right),
            ("meets_targets", .left), ("on_frontier", .left),
        ])
        for (place, layout) in layouts.enumerated() {
            for point in study.frontier where point.deployment == layout {
                let rate = point.rate.sessionsPerSecond
                table.append([
                    SeriesStyle(place: place).letter, layout.description,
                    rate.isFinite ? "\(fine(rate))" : "-",
                    "\(rounded(point.tokensPerUser, 2))", "\(rounded(point.tokensPerGPU, 2))",
                    point.meetsTargets ? "yes" : "no", front.contains(point) ? "yes" : "no",
                ])
            }
        }
        return table
    }
}
