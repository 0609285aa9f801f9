/// The lengths of one metric over all servers and scrapes.
struct ScrapedLengths {
    /// Of all servers together.
    private(set) var histogram = LengthHistogram()
    /// Requests per second of all servers; nil where one does not tell for how long it counted.
    private(set) var ratePerSecond: Double?
    /// Names of the models, sorted.
    let models: [String]
    /// Series that were added.
    let servers: Int

    /// A series as a file has it.
    private struct Seen {
        let series: MetricScrape.Series
        /// Which of the files.
        let scrape: Int
        let file: String
        let histogram: LengthHistogram
        let start: Double?
        let time: Double?
    }

    /// Adds what the servers counted.
    ///
    /// Files that tell the same server at different times are known by when it began to count, or by
    /// the times of their lines: of them, what came between the first and the last counts.
    ///
    /// - Throws: `badValue` where something is no histogram, or does not go with the others, and where
    ///   nothing tells one server from another.
    init(_ metric: String, in scrapes: [MetricScrape]) throws(WorkloadError) {
        var states: [[Seen]] = []
        for (number, scrape) in scrapes.enumerated() {
            let found = scrape.histograms.filter { $0.key.metric == metric }
            for (series, histogram) in found.sorted(by: { Self.isBefore($0.key, $1.key) }) {
                let seen = Seen(
                    series: series, scrape: number, file: scrape.file, histogram: histogram,
                    start: scrape.start(of: series), time: scrape.time(of: series))
                if let fault = histogram.fault {
                    throw Self.bad(metric, seen, fault)
                }
                var place: Int?
                for (index, known) in states.enumerated() where place == nil {
                    if try Self.isSame(known[0], seen, metric) { place = index }
                }
                if let place { states[place].append(seen) } else { states.append([seen]) }
            }
        }
        guard !states.isEmpty else {
            throw .badValue(
                path: "The metrics", found: "no \(metric)",
                expected: "histograms of both prompts and answers")
        }
        var spans: [ClosedRange<Double>?] = []
        for (place, server) in states.enumerated() {
            let (counted, span) = try Self.counted(metric, server)
            if place == 0 {
                histogram = counted
            } else {
                guard let sum = histogram.adding(counted) else {
                    throw Self.bad(metric, server[0], "other buckets than in the series before")
                }
                histogram = sum
            }
            spans.append(span)
        }
        let seconds = Self.covered(spans)
        let requests = histogram.requests
        ratePerSecond = seconds.map { requests / $0 }.flatMap { $0 > 0 && $0 <= 1e6 ? $0 : nil }
        servers = states.count
        let labels = states.flatMap { $0[0].series.labels }
        models = Set(
            labels.filter { ["model", "model_name"].contains($0.name) }.map(\.shownValue)
        ).sorted()
    }

    /// What a server counted, and from when to when.
    private static func counted(
        _ metric: String, _ states: [Seen]
    ) throws(WorkloadError) -> (LengthHistogram, ClosedRange<Double>?) {
        let times = states.compactMap(\.time)
        let ordered = states.sorted {
            times.count == states.count
                ? ($0.time ?? 0) < ($1.time ?? 0)
                : $0.histogram.requests < $1.histogram.requests
        }
        let (first, last) = (ordered[0], ordered[ordered.count - 1])
        guard states.count > 1 else {
            return (first.histogram, span(from: first.start, to: first.time))
        }
        guard let between = last.histogram.since(first.histogram) else {
            throw .badValue(
                path: place(metric, last),
                found: "less in some bucket than in \(first.file), or other buckets",
                expected:
                    "counts that grow from scrape to scrape; a server that began anew counts by itself"
            )
        }
        return (between, span(from: first.time, to: last.time))
    }

    private static func span(from start: Double?, to end: Double?) -> ClosedRange<Double>? {
        guard let start, let end, end - start >= 1 else { return nil }
        return start...end
    }

    /// Seconds in which a server counted; nil where one does not tell.
    private static func covered(_ spans: [ClosedRange<Double>?]) -> Double? {
        let known = spans.compactMap(\.self).sorted { $0.lowerBound < $1.lowerBound }
        guard known.count == spans.count else { return nil }
        var (seconds, end) = (0.0, -Double.infinity)
        for span in known {
            seconds += max(0, span.upperBound - max(end, span.lowerBound))
            end = max(end, span.upperBound)
        }
        return seconds
    }

    /// Whether two files tell the same server.
    private static func isSame(
        _ a: Seen, _ b: Seen, _ metric: String
    ) throws(WorkloadError) -> Bool {
        guard a.series == b.series, a.scrape != b.scrape else { return false }
        if let start = a.start, let other = b.start { return start == other }
        if let time = a.time, let other = b.time { return time != other }
        throw .badValue(
            path: place(metric, b),
            found:
                "the same series as in \(a.file), and nothing that tells whether it is the same server",
            expected: "process_start_time_seconds or _created beside it, timestamps, or one file")
    }

    private static func isBefore(_ a: MetricScrape.Series, _ b: MetricScrape.Series) -> Bool {
        let (a, b) = (a.labels, b.labels)
        for (a, b) in zip(a, b) where a != b {
            return a.name == b.name ? a.value < b.value : a.name < b.name
        }
        return a.count < b.count
    }

    private static func bad(_ metric: String, _ seen: Seen, _ found: String) -> WorkloadError {
        .badValue(
            path: place(metric, seen), found: found,
            expected: "a histogram whose counts grow from bucket to bucket")
    }

    private static func place(_ metric: String, _ seen: Seen) -> String {
        let labels = seen.series.labels.map { "\($0.name)=\"\($0.shownValue)\"" }
            .joined(separator: ",")
        return (seen.file.isEmpty ? "" : "\(seen.file), ") + "\(metric){\(labels.prefix(200))}"
    }
}

extension MetricSample.Label {
    /// Without line breaks and other characters that move a cursor.
    fileprivate var shownValue: String {
        String(
            value.map {
                $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? " " : $0
            })
    }
}

extension LengthHistogram {
    /// Share of requests in a last bucket without an upper bound.
    var openShare: Double {
        guard requests > 0, let last = buckets.last, last.bound == .infinity else { return 0 }
        return last.requests / requests
    }

    /// What it tells for certain.
    var details: [TraceDetail] {
        var details = [TraceDetail("requests", .number(requests))]
        if let mean { details.append(TraceDetail("mean", .number(mean))) }
        for (name, share) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            guard let (low, high) = bucket(of: share) else { continue }
            details.append(TraceDetail("\(name)_above", .number(low)))
            if high < .infinity { details.append(TraceDetail("\(name)_up_to", .number(high))) }
        }
        return details
    }

    /// Bounds of the bucket that a percentile lies in.
    private func bucket(of share: Double) -> (low: Double, high: Double)? {
        var (low, before) = (0.0, 0.0)
        for bucket in buckets {
            before += bucket.requests
            if bucket.requests > 0, before >= share * requests { return (low, bucket.bound) }
            low = bucket.bound
        }
        return nil
    }
}
