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
        return Drawing.page(
            title: "Predictions beside measurements",
            body: """
                <p>Errors are (predicted - measured) / measured.</p>
                \(document.table.html)<div>
                \(plots)</div>
                <h2>Costs</h2>
                <ul>
                \(costs)</ul>
                <h2>Not predicted</h2>
                \(refusals.isEmpty ? "<p>Every row was predicted.</p>" : "<ul>\n\(refusals)</ul>")
                """)
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
