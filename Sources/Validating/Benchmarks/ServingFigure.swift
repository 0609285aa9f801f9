/// A figure of serving that both predictions and benchmarks tell.
public struct ServingFigure: Hashable, Sendable, Comparable {
    public enum Metric: String, Hashable, Sendable, CaseIterable {
        case ttft = "ttft_ms"
        case itl = "itl_ms"
        case tpot = "tpot_ms"
        /// From the arrival of a session to its last token, tools and other rounds included; no request's latency.
        case session = "e2e_ms"
        case requestRate = "requests_per_s"
        case outputRate = "output_tokens_per_s"

        /// Whether it has percentiles; a rate has none.
        public var isLatency: Bool { self != .requestRate && self != .outputRate }
    }

    public enum Statistic: String, Hashable, Sendable, CaseIterable {
        case mean, p50, p95, p99
    }

    public let metric: Metric
    public let statistic: Statistic

    public init(_ metric: Metric, _ statistic: Statistic = .mean) {
        self.metric = metric
        self.statistic = statistic
    }

    /// `ttft_ms p95`; a rate has its name alone.
    public var name: String {
        metric.isLatency ? "\(metric.rawValue) \(statistic.rawValue)" : metric.rawValue
    }

    private var order: (Int, Int) {
        (
            Metric.allCases.firstIndex(of: metric) ?? 0,
            Statistic.allCases.firstIndex(of: statistic) ?? 0
        )
    }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.order < rhs.order }
}

/// What a benchmark measured: latencies in milliseconds, rates per second.
public struct BenchmarkFigures: Hashable, Sendable {
    public enum Format: String, Hashable, Sendable, CaseIterable {
        case benchmarkReport = "benchmark_report"
        case vllmBench = "vllm_bench"
        case aiperf
        case rounds
    }

    public let format: Format
    public var values: [ServingFigure: Double] = [:]
    /// Requests that were sent, and those of them that failed; nil where the file does not say.
    public var requests: Int?
    public var failed: Int?
    /// The model that was asked for; nil where the file does not say.
    public var model: String?
    /// The type of GPU; nil where the file does not say.
    public var gpu: String?
    /// Whether the file says whose each request is.
    public var namesTenants = false

    public init(format: Format) { self.format = format }
}

/// What is wrong with a file of a benchmark.
public struct BenchmarkError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
}
