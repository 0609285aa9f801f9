import DiscreteEvents
import ServingDomain

/// What engines and front ends export of their requests: histograms of lengths, and how many there were.
///
/// There are no requests in it, and no sessions: requests like theirs are drawn.
struct PrometheusReader: TraceLineReader {
    /// Most requests that are drawn.
    static let most = 100_000
    private static let seed: UInt64 = 1

    private let purpose: TracePurpose
    private var scrapes: [MetricScrape] = []
    private var file = ""

    init(_ purpose: TracePurpose) { self.purpose = purpose }

    mutating func begin(file name: String) {
        file = name
        scrapes.append(MetricScrape(file: name))
    }

    mutating func read(_ line: TraceLine) throws(WorkloadError) {
        guard let sample = MetricSample(try line.text()) else {
            throw .badLine(
                line: line.number, found: "'\(line.excerpt)'",
                expected: "a sample: name{label=\"value\"} value")
        }
        if scrapes.isEmpty { scrapes.append(MetricScrape(file: file)) }
        try scrapes[scrapes.count - 1].add(sample, line: line.number)
    }

    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        guard
            let metrics = LengthMetrics.known.first(where: { known in
                scrapes.contains { $0.histograms.keys.contains { $0.metric == known.prompts } }
            })
        else {
            let names = LengthMetrics.known.map { "\($0.prompts)_bucket" }
            throw .badValue(
                path: "The metrics", found: "no histogram of prompt lengths",
                expected: "one of \(names.joined(separator: ", ")), with underscores or colons")
        }
        let prompts = try ScrapedLengths(metrics.prompts, in: scrapes)
        let answers = try ScrapedLengths(metrics.answers, in: scrapes)
        let count = Int(min(prompts.histogram.requests, Double(Self.most)))
        guard count > 0, answers.histogram.requests > 0 else { throw .empty }
        var recorder = TraceRecorder(purpose)
        recorder.statistics.areEstimates = true
        recorder.statistics.details = details(metrics, prompts, answers)
        draw(count, prompts, answers, into: &recorder)
        return try recorder.finish(.prometheus, notes: notes(metrics, count, prompts, answers))
    }

    private func draw(
        _ count: Int, _ prompts: ScrapedLengths, _ answers: ScrapedLengths,
        into recorder: inout TraceRecorder
    ) {
        let stream = RandomStream(seed: Self.seed, named: "Prometheus")
        // Which prompt has which answer, and which of them comes first, is not told.
        func shuffled(_ lengths: [Int], _ purpose: Int) -> [Int] {
            lengths.enumerated().map { (stream.draw($0.offset, purpose), $0.element) }
                .sorted { $0.0 < $1.0 }.map(\.1)
        }
        let (inputs, outputs) = (
            shuffled(prompts.histogram.lengths(count), 0),
            shuffled(answers.histogram.lengths(count), 1)
        )
        // Independent arrivals, as many as there were, lie evenly in their time.
        let span = prompts.ratePerSecond.map { Double(count) / $0 }
        let arrivals = span.map { span in (0..<count).map { stream.unit($0, 2) * span }.sorted() }
        for index in 0..<count {
            let start = arrivals.map { Nanoseconds.rounding($0[index] * 1e9) }
            let session = recorder.open(arrival: start)
            recorder.add(
                .init(newTokens: inputs[index], outputTokens: outputs[index], start: start),
                to: session)
            recorder.close(session)
        }
    }

    private func details(
        _ metrics: LengthMetrics, _ prompts: ScrapedLengths, _ answers: ScrapedLengths
    ) -> [TraceDetail] {
        var details = [
            TraceDetail("engine", .text(metrics.engine)),
            TraceDetail("models", .texts(prompts.models)),
            TraceDetail("input_tokens", .group(prompts.histogram.details)),
            TraceDetail("output_tokens", .group(answers.histogram.details)),
        ]
        if let rate = prompts.ratePerSecond {
            details.append(TraceDetail("requests_per_s", .number(rate)))
        }
        if let last = scrapes.last, let queries = last.total(metrics.queries), queries > 0,
            let hits = last.total(metrics.hits)
        {
            details.append(TraceDetail("prefix_cache_hit_share", .number(hits / queries)))
        }
        return details
    }

    private func notes(
        _ metrics: LengthMetrics, _ count: Int, _ prompts: ScrapedLengths,
        _ answers: ScrapedLengths
    ) -> [String] {
        var notes = [
            """
            The metrics of \(metrics.engine) tell how long prompts and answers were and how many, not which \
            belong together, in which order they came, or to which session: \(count) requests were drawn \
            from the histograms, each a session of one round, and figures of requests are those of the draw.
            """,
            "Prompts are whole: what of them an engine finds in its prefix cache is not in the lengths.",
        ]
        if prompts.ratePerSecond == nil {
            notes.append(
                """
                How long counting took is not told, so there are no arrivals: set a rate where it is simulated.
                """)
        } else {
            notes.append(
                """
                Arrivals are drawn as independent ones (Poisson) at the mean rate of all the time that was counted.
                """)
        }
        if prompts.models.count > 1 {
            notes.append(
                "Requests of several models are added: \(prompts.models.joined(separator: ", ")).")
        }
        if prompts.servers > 1 { notes.append("Series that were added: \(prompts.servers).") }
        let (asked, answered) = (prompts.histogram.requests, answers.histogram.requests)
        if abs(asked - answered) > 0.05 * max(asked, answered) {
            notes.append(
                """
                There are lengths of \(Int(asked)) prompts and of \(Int(answered)) answers: some were not answered \
                yet, or failed.
                """)
        }
        let others = LengthMetrics.known.filter { known in
            known.engine != metrics.engine
                && scrapes.contains { $0.histograms.keys.contains { $0.metric == known.prompts } }
        }
        if !others.isEmpty {
            notes.append(
                "Metrics that are there too and do not count: those of \(others.map(\.engine).joined(separator: ", "))."
            )
        }
        let open = [("prompts", prompts), ("answers", answers)].filter {
            $0.1.histogram.openShare > 0
        }
        for (name, lengths) in open {
            notes.append(
                """
                Of the \(name), \(percent(lengths.histogram.openShare)) lie in the last bucket, which has no upper \
                end; how far it goes is estimated.
                """)
        }
        return notes
    }

    private func percent(_ share: Double) -> String {
        "\((share * 1000).rounded() / 10) %"
    }
}
