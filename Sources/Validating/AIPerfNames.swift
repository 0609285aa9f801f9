/// Names and units of AIPerf's metrics, as all of its exports have them.
enum AIPerfNames {
    /// AIPerf's inter-token latency is the mean gap of one request, which is TPOT here: its percentiles are
    /// over requests, not over gaps.
    static let metrics: [(name: String, metric: ServingFigure.Metric)] = [
        ("time_to_first_token", .ttft), ("inter_token_latency", .tpot),
        ("request_throughput", .requestRate), ("output_token_throughput", .outputRate),
    ]

    static let expectedUnits = "ms, s, us or ns"

    /// Milliseconds of one unit of time, of which none means a millisecond; nil for others.
    static func milliseconds(_ unit: String?) -> Double? {
        switch unit?.lowercased() {
        case "ms", "milliseconds", nil: 1
        case "s", "sec", "seconds": 1e3
        case "us", "µs", "microseconds": 1e-3
        case "ns", "nanoseconds": 1e-6
        default: nil
        }
    }
}
