import ServingDomain
public import Workloads

/// What the sessions of a trace are like, as a page for a browser: figures, and how they are distributed.
///
/// Nothing is loaded from anywhere.
public struct WorkloadPage: Sendable {
    private let trace: RecordedTrace
    private let toolVersion: String

    public init(_ trace: RecordedTrace, toolVersion: String) {
        self.trace = trace
        self.toolVersion = toolVersion
    }

    public var html: String {
        let notes = trace.notes.map { "<li>\($0.escapedForMarkup)</li>\n" }.joined()
        let description = WorkloadDescription(trace, toolVersion: toolVersion)
        return Drawing.page(
            title: "Sessions of a trace",
            body: """
                <p>Format \(trace.format.rawValue), read by ampd-plan \(toolVersion.escapedForMarkup). Curves are shares of values up to each.</p>
                <div>
                \(plots)</div>
                \(description.table.html)<h2>Notes</h2>
                \(notes.isEmpty ? "<p>Nothing had to be assumed.</p>" : "<ul>\n\(notes)</ul>")
                """)
    }

    private var plots: String {
        let statistics = trace.statistics
        let mark = statistics.areEstimates ? ", estimated" : ""
        let gap =
            switch statistics.gapMeaning {
            case .delay: "Delay after a call (s)"
            case .startToStart: "From start to start of a session's calls (s)"
            }
        let distributions: [(title: String, values: CountedValues, factor: Double)] = [
            ("Calls of a session", statistics.rounds, 1),
            ("Initial prefill (tokens\(mark))", statistics.initialPrefill, 1),
            ("Incremental prefill (tokens\(mark))", statistics.incrementalPrefill, 1),
            ("Whole prompts (tokens\(mark))", statistics.prompts, 1),
            ("Outputs (tokens\(mark))", statistics.outputs, 1), (gap, statistics.gaps, 1e-9),
        ]
        let curves = distributions.map { title, values, factor in
            DistributionPlot(
                title: title,
                values: values.sorted.map { (Double($0.value) * factor, $0.count) }
            ).svg
        }.joined()
        // Traces of sessions may tell when these begin, and not their later calls.
        let (calls, sessions) = (statistics.arrivals?.rates, statistics.sessionArrivals?.rates)
        let rates =
            calls.map { RatePlot(title: "Calls per second", rates: $0) }
            ?? sessions.map { RatePlot(title: "New sessions per second", rates: $0) }
        return curves + (rates?.svg ?? "")
    }
}
