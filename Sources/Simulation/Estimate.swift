package import DiscreteEvents

/// A figure with its 95 % confidence interval over independent replications.
public struct Estimate: Hashable, Sendable {
    public let value: Double
    public let low: Double
    public let high: Double

    public init(value: Double, low: Double, high: Double) {
        self.value = value
        self.low = low
        self.high = high
    }

    /// A figure of values that replications kept in histograms.
    ///
    /// One replication alone says nothing about its spread: the interval is then unbounded.
    /// - Returns: nil where there is no value.
    init?(_ figure: ServingStatistic.Figure, of histograms: [LogHistogram]) {
        let interval: ConfidenceInterval? =
            if let percent = figure.percent {
                .percentile(percent, of: histograms)
            } else {
                .ratio(of: histograms.map(\.total))
            }
        guard let interval else { return nil }
        self.init(value: interval.value, low: max(0, interval.low), high: interval.high)
    }

    func clamped(to range: ClosedRange<Double>) -> Self {
        Self(
            value: value, low: max(range.lowerBound, low), high: min(range.upperBound, high))
    }

    public func scaled(by factor: Double) -> Self {
        Self(value: value * factor, low: low * factor, high: high * factor)
    }

    /// Half the width of the interval over the value; infinite where the value is zero.
    public var relativeHalfWidth: Double {
        value > 0 ? (high - low) / 2 / value : .infinity
    }
}

/// Mean and percentiles of a latency, in nanoseconds.
public struct LatencyQuantiles: Hashable, Sendable {
    public let mean: Estimate
    public let p50: Estimate
    public let p95: Estimate
    public let p99: Estimate
    /// Latencies behind the figures; all of them are 0 where there was none.
    public let samples: Int

    /// From histograms with a relative error of at most 0.1 %, pooled over replications.
    package init(histograms: [LogHistogram]) {
        func estimate(_ figure: ServingStatistic.Figure) -> Estimate {
            Estimate(figure, of: histograms) ?? Estimate(value: 0, low: 0, high: 0)
        }
        mean = estimate(.mean)
        (p50, p95, p99) = (estimate(.p50), estimate(.p95), estimate(.p99))
        samples = histograms.reduce(0) { $0 + $1.count }
    }
}
