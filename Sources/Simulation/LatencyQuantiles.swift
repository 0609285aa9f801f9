package import DiscreteEvents

/// Mean and percentiles of a latency with their intervals, in nanoseconds.
public struct LatencyQuantiles: Hashable, Sendable {
    public let mean: Estimate
    public let p50: Estimate
    public let p95: Estimate
    public let p99: Estimate
    /// Latencies behind the figures.
    public let samples: Int

    /// From histograms with a relative error of at most 0.1 %, pooled over replications.
    ///
    /// - Parameters:
    ///   - histograms: one per replication.
    ///   - caution: what is known against every interval, apart from what the values say.
    package init?(histograms: [LogHistogram], caution: Caution? = nil) {
        func estimate(_ figure: ServingStatistic.Figure) -> Estimate? {
            Estimate(figure, of: histograms)?.with(caution)
        }
        guard let mean = estimate(.mean), let p50 = estimate(.p50), let p95 = estimate(.p95),
            let p99 = estimate(.p99)
        else { return nil }
        (self.mean, self.p50, self.p95, self.p99) = (mean, p50, p95, p99)
        samples = histograms.reduce(0) { $0 + $1.count }
    }

    public subscript(figure: ServingStatistic.Figure) -> Estimate {
        switch figure {
        case .mean: mean
        case .p50: p50
        case .p95: p95
        case .p99: p99
        }
    }
}
