/// What an engine's histograms of lengths are called.
struct LengthMetrics {
    let engine: String
    /// With underscores for colons.
    let prompts: String
    let answers: String
    /// Counters of prompt tokens that were looked for in the prefix cache, and that were found.
    var queries: String?
    var hits: String?

    /// Front ends before workers: where both are told, each request counts once there.
    static let known = [
        Self(
            engine: "Dynamo", prompts: "dynamo_frontend_input_sequence_tokens",
            answers: "dynamo_frontend_output_sequence_tokens"),
        Self(
            engine: "vLLM", prompts: "vllm_request_prompt_tokens",
            answers: "vllm_request_generation_tokens", queries: "vllm_prefix_cache_queries_total",
            hits: "vllm_prefix_cache_hits_total"),
        Self(
            engine: "SGLang", prompts: "sglang_prompt_tokens_histogram",
            answers: "sglang_generation_tokens_histogram"),
    ]
}

/// The metrics of one file, as far as they tell lengths.
struct MetricScrape {
    /// A histogram of one server, or of one model in it.
    struct Series: Hashable {
        let metric: String
        let labels: [MetricSample.Label]
    }

    /// Of the folder that was named.
    let file: String
    private(set) var histograms: [Series: LengthHistogram] = [:]
    private(set) var counters: [Series: Double] = [:]
    /// Seconds since 1970 at which servers started or began to count.
    private var starts: [Series: Double] = [:]
    private var times: [Series: Double] = [:]
    private var seen: Set<SeriesPart> = []

    private struct SeriesPart: Hashable {
        let name: String
        let labels: [MetricSample.Label]
        let bound: Double?
    }

    private static let processStart = "process_start_time_seconds"
    private static let metrics = Set(
        LengthMetrics.known.flatMap { [$0.prompts, $0.answers] })
    private static let totals = Set(
        LengthMetrics.known.flatMap { [$0.queries, $0.hits].compactMap(\.self) })

    init(file: String) { self.file = file }

    /// Takes a sample, if it is of a metric that is wanted.
    mutating func add(_ sample: MetricSample, line: Int) throws(WorkloadError) {
        let name = String(sample.name.map { $0 == ":" ? "_" : $0 })
        let parts = ["_bucket", "_sum", "_count", "_created"]
        let part = parts.first { name.hasSuffix($0) }
        let metric = part.map { String(name.dropLast($0.count)) } ?? name
        let isHistogram = part != nil && Self.metrics.contains(metric)
        guard isHistogram || name == Self.processStart || Self.totals.contains(name) else { return }
        guard sample.value.isFinite, (0...1e15).contains(sample.value) else {
            throw .badField(
                line: line, field: sample.name, found: "\(sample.value)",
                expected: "a number from 0 to 1e15")
        }
        let whole = SeriesPart(name: name, labels: sample.labels, bound: sample.bound)
        guard seen.insert(whole).inserted else {
            throw .badField(
                line: line, field: sample.name, found: "the same series once more",
                expected: "one scrape in a file")
        }
        let series = Series(metric: metric, labels: sample.labels)
        if let timestamp = sample.timestamp { times[series] = timestamp / 1e3 }
        switch part {
        case "_bucket":
            guard let bound = sample.bound else {
                throw .badField(
                    line: line, field: sample.name, found: "no label le",
                    expected: "the upper bound of the bucket as le")
            }
            histograms[series, default: LengthHistogram()].cumulative[bound] = sample.value
        case "_sum": histograms[series, default: LengthHistogram()].sum = sample.value
        case "_count": histograms[series, default: LengthHistogram()].count = sample.value
        case "_created": starts[series] = sample.value
        default:
            if name == Self.processStart {
                starts[series] = sample.value
            } else {
                counters[series] = sample.value
            }
        }
    }

    /// When the scrape was made, in seconds since 1970, as the lines of a series tell it.
    func time(of series: Series) -> Double? { times[series] }

    /// When counting began: its own beginning, or that of its server.
    func start(of series: Series) -> Double? {
        if let own = starts[series] { return own }
        let servers = starts.filter { $0.key.metric == Self.processStart }
        // Of the server that says the same of itself, as in what a Prometheus server collected.
        let named = servers.first { server in
            !server.key.labels.isEmpty && server.key.labels.allSatisfy(series.labels.contains)
        }
        return named?.value ?? (servers.count == 1 ? servers.first?.value : nil)
    }

    /// The sum of a counter over all servers; nil where it is not told.
    func total(_ name: String?) -> Double? {
        let values = counters.filter { $0.key.metric == name }.map(\.value)
        return values.isEmpty ? nil : values.sorted().reduce(0, +)
    }
}
