import Validating

/// A validation as a page for a browser: the figures of each group, and predictions over measurements.
///
/// Nothing is loaded from anywhere.
public struct ValidationPage: Sendable {
    private let document: ValidationDocument

    public init(_ document: ValidationDocument) { self.document = document }

    public var html: String {
        let plots = document.plots.map(\.svg).joined()
        let refusals = document.refusals.map { "<li>\($0.escapedForMarkup)</li>\n" }.joined()
        let costs = document.costs.map { "<li>\($0.escapedForMarkup)</li>\n" }.joined()
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>Predictions beside measurements</title>
            <style>
            body { font-family: sans-serif; margin: 2em; }
            table { border-collapse: collapse; font-size: 0.85em; }
            td, th { border: 1px solid #ccc; padding: 0.2em 0.5em; text-align: right; }
            td:first-child, th:first-child { text-align: left; }
            svg { margin: 1em 1em 0 0; }
            </style>
            </head>
            <body>
            <h1>Predictions beside measurements</h1>
            <p>Errors are (predicted - measured) / measured.</p>
            \(document.groups.html)<div>
            \(plots)</div>
            <h2>Costs</h2>
            <ul>
            \(costs)</ul>
            <h2>Not predicted</h2>
            \(refusals.isEmpty ? "<p>Every row was predicted.</p>" : "<ul>\n\(refusals)</ul>")
            </body>
            </html>

            """
    }
}

extension ValidationDocument {
    /// TTFT and TPOT of every predicted row.
    var plots: [ScatterPlot] {
        let groups = predictedGroups
        func plot(
            _ title: String, _ value: (PredictedRow) -> (measured: Double, predicted: Double)
        ) -> ScatterPlot {
            ScatterPlot(
                title: title, groups: groups,
                points: predictedRows.map { row in
                    let pair = value(row)
                    return ScatterPlot.Point(
                        measured: pair.measured, predicted: pair.predicted,
                        group: groups.firstIndex(of: row.row.group) ?? 0)
                })
        }
        return [
            plot("TTFT in ms") { ($0.row.measured.ttft, $0.predicted.ttft) },
            plot("TPOT in ms") { ($0.row.measured.tpot, $0.predicted.tpot) },
        ]
    }

    private var predictedGroups: [String] {
        var seen: Set<String> = []
        return predictedRows.map(\.row.group).filter { seen.insert($0).inserted }
    }
}
