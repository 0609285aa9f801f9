import Planning
import ServingDomain
import Simulation

extension PlanFigures {
    /// Distributions of TTFT and ITL; none in overload.
    var spreads: [Figure] { study.latencies.map(spread) }

    private func spread(_ spread: LatencySpread) -> Figure {
        let isITL = spread.latency == .itl
        let name = isITL ? "ITL" : "TTFT"
        return Figure(
            id: spread.latency.rawValue, title: "Distribution of \(name)",
            caption:
                "Share of \(isITL ? "gaps between tokens" : "rounds") whose \(name) is at most so many "
                + "milliseconds, over \(spread.samples) of them in \(spread.replications) runs: "
                + "\(Self.percent(spread.shareWithin, 3)) meet the target of "
                + "\(rounded(spread.target / 1e6, 1)) ms."
                + (isITL && service.itlStatistic == .mean
                    ? " Attainment holds the mean gap of a round against the target, not each gap."
                    : "")
                + trusted,
            chart: chart(of: spread, name), table: table(of: spread))
    }

    private func chart(of spread: LatencySpread, _ name: String) -> LineChart {
        let points = spread.percentiles.filter { $0.nanoseconds > 0 }
        return LineChart(
            x: .log("\(name) (ms)", points.map { $0.nanoseconds / 1e6 } + [spread.target / 1e6]),
            y: .linear("share of values (%)", [0, 100], upTo: 100),
            series: [
                LineChart.Series(
                    name: name, style: SeriesStyle(place: 0),
                    points: points.map {
                        LineChart.Point(x: $0.nanoseconds / 1e6, y: $0.percent)
                    }, hasMarks: false)
            ],
            guides: [
                LineChart.Guide(
                    direction: .vertical, value: spread.target / 1e6,
                    name: "target: \(rounded(spread.target / 1e6, 1)) ms", letter: "SLO"),
                LineChart.Guide(direction: .horizontal, value: 95, name: "P95", letter: "P95"),
            ])
    }

    private func table(of spread: LatencySpread) -> TextTable {
        var table = TextTable([("percentile", .right), ("ms", .right)])
        let shown: [Double] = [0, 5, 10, 25, 50, 75, 90, 95, 98, 99, 99.5, 99.9, 100]
        for entry in spread.percentiles where shown.contains(entry.percent) {
            table.append([
                PlotAxis.label(entry.percent), Self.milliseconds(entry.nanoseconds, 3),
            ])
        }
        return table
    }
}
