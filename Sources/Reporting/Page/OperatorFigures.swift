import CostModeling
import Planning
import ServingDomain

extension PlanFigures {
    /// The operators that take most of a step, over what they were fitted on.
    var operators: [Figure] {
        study.operators.enumerated().map { place, fit in
            Figure(
                id: "operator-\(place + 1)",
                title: "Fit of \(fit.name) (\(fit.phase.rawValue))", caption: caption(of: fit),
                reading: "Grey dotted parts lie outside the fitted range.",
                chart: chart(of: fit), table: table(of: fit))
        }
    }

    private func caption(of fit: OperatorFit) -> String {
        let record = fit.shape.record
        let shape = ([record.kind, record.format] + [Self.dimensions(record)])
            .filter { !$0.isEmpty }.joined(separator: " ")
        let typical =
            fit.phase == .prefill
            ? "a prefill of 2048 tokens" : "a step of 32 sequences of 2048 tokens"
        let origin =
            fit.neighbour.map {
                "Carried over from the measured shape \(Self.dimensions($0.record)). "
            } ?? ""
        let marks =
            fit.samples.isEmpty
            ? "The profile keeps no timings of it: marks are the knots of the curve. "
            : "Marks are \(fit.samples.count) timings of the profile. "
        let quality =
            fit.quality?.medianError.map { "Median error on held-out points \(Self.percent($0)). " }
            ?? ""
        return
            "Microseconds of one execution of \(shape), which takes \(Self.percent(fit.share, 0)) of "
            + "\(typical)\(fit.held.isEmpty ? "" : ", shown at \(fit.held)"). \(marks)\(origin)\(quality)"
            + "Trust: \(fit.trust.rawValue)."
    }

    private static func dimensions(_ record: OperatorRecord) -> String {
        let names = OperatorRecord.dimensionNames(of: record.kind) ?? []
        return zip(names, record.dimensions).map { "\($0) \($1)" }.joined(separator: ", ")
    }

    private func axis(of fit: OperatorFit) -> String {
        let names = OperatorRecord.axisNames(of: fit.shape.record.kind)
        let name = fit.held.hasPrefix("batch") ? names.last : names.first
        return (name ?? "tokens").replacing("_", with: " ")
    }

    private func chart(of fit: OperatorFit) -> LineChart {
        let marks = fit.samples.isEmpty ? fit.knots : fit.samples
        let times = fit.curve.map(\.nanoseconds) + marks.map(\.nanoseconds)
        return LineChart(
            x: .log(axis(of: fit), fit.curve.map(\.x) + marks.map(\.x)),
            y: .log("µs", times.map { $0 / 1e3 }),
            series: [
                LineChart.Series(
                    name: "fitted curve", style: SeriesStyle(place: 0),
                    points: fit.curve.map {
                        LineChart.Point(x: $0.x, y: $0.nanoseconds / 1e3, isFaded: !$0.isFitted)
                    }, hasMarks: false),
                LineChart.Series(
                    name: fit.samples.isEmpty ? "knots" : "timings", style: SeriesStyle(place: 1),
                    points: marks.map { LineChart.Point(x: $0.x, y: $0.nanoseconds / 1e3) },
                    hasLine: false),
            ])
    }

    private func table(of fit: OperatorFit) -> TextTable {
        var table = TextTable([
            ("what", .left), (axis(of: fit).replacing(" ", with: "_"), .right), ("us", .right),
            ("extrapolated", .left),
        ])
        func add(_ what: String, _ x: Double, _ nanoseconds: Double, _ extrapolated: String) {
            table.append([
                what, "\(Int(x))", "\(rounded(nanoseconds / 1e3, 3))", extrapolated,
            ])
        }
        for point in fit.curve {
            add("curve", point.x, point.nanoseconds, point.isFitted ? "no" : "yes")
        }
        let marks = fit.samples.isEmpty ? fit.knots : fit.samples
        for mark in marks {
            add(fit.samples.isEmpty ? "knot" : "timing", mark.x, mark.nanoseconds, "no")
        }
        return table
    }
}
