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
        let file: String
        let histogram: LengthHistogram
        let start: Double?
        let time: Double?
    }

    /// Adds what the servers counted.
    ///
    /// Files that tell the same server at different times are known by when it began to count: of them,
    /// what came between the first and the last counts.
    ///
    /// - Throws: `badValue` where something is no histogram, or does not go with the others.
    init(_ metric: String, in scrapes: [MetricScrape]) throws(WorkloadError) {
        var states: [[Seen]] = []
        for scrape in scrapes {
            let found = scrape.histograms.filter { $0.key.metric == metric }
            for (series, histogram) in found.sorted(by: { Self.isBefore($0.key, $1.key) }) {
                let seen = Seen(
                    series: series, file: scrape.file, histogram: histogram,
                    start: scrape.start(of: series), time: scrape.time(of: series))
                if let fault = histogram.fault { throw Self.bad(metric, seen, fault) }
                let place = states.firstIndex { Self.isSame($0[0], seen) }
                if let place { states[place].append(seen) } else { states.append([seen]) }
            }
        }
        guard !states.isEmpty else {
            throw .badValue(
                path: "The metrics", found: "no \(metric)",
                expected: "histograms of both prompts and answers")
        }
        var rate: Double? = 0
        for (place, server) in states.enumerated() {
            let (counted, seconds) = try Self.counted(metric, server)
            if place == 0 {
                histogram = counted
            } else {
                guard let sum = histogram.adding(counted) else {
                    throw Self.bad(metric, server[0], "other buckets than in the series before")
                }
                histogram = sum
            }
            rate = rate.flatMap { sum in seconds.map { sum + counted.requests / $0 } }
        }
        ratePerSecond = rate.flatMap { $0 > 0 && $0 <= 1e6 ? $0 : nil }
        servers = states.count
        let labels = states.flatMap { $0[0].series.labels }
        models = Set(
            labels.filter { ["model", "model_name"].contains($0.name) }.map(\.value)
        ).sorted()
    }

    /// What a server counted, and in how many seconds.
    private static func counted(
        _ metric: String, _ states: [Seen]
    ) throws(WorkloadError) -> (LengthHistogram, Double?) {
        let ordered = states.sorted { $0.histogram.requests < $1.histogram.requests }
        let (first, last) = (ordered[0], ordered[ordered.count - 1])
        guard states.count > 1 else {
            return (first.histogram, seconds(from: first.start, to: first.time))
        }
        guard let between = last.histogram.since(first.histogram) else {
            throw bad(
                metric, last,
                "less in some bucket than \(first.file), or other buckets, in a later scrape")
        }
        return (between, seconds(from: first.time, to: last.time))
    }

    private static func seconds(from start: Double?, to end: Double?) -> Double? {
        guard let start, let end, end - start >= 1 else { return nil }
        return end - start
    }

    private static func isSame(_ a: Seen, _ b: Seen) -> Bool {
        guard a.series == b.series, a.file != b.file else { return false }
        if let start = a.start { return start == b.start }
        return b.start == nil && a.time != nil && b.time != nil && a.time != b.time
    }

    private static func isBefore(_ a: MetricScrape.Series, _ b: MetricScrape.Series) -> Bool {
        let (a, b) = (a.labels, b.labels)
        for (a, b) in zip(a, b) where a != b {
            return a.name == b.name ? a.value < b.value : a.name < b.name
        }
        return a.count < b.count
    }

    private static func bad(_ metric: String, _ seen: Seen, _ found: String) -> WorkloadError {
        let labels = seen.series.labels.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ",")
        return .badValue(
            path: (seen.file.isEmpty ? "" : "\(seen.file), ") + "\(metric){\(labels.prefix(200))}",
            found: found, expected: "a histogram whose counts grow from bucket to bucket")
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
