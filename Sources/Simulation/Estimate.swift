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

    /// `value` with the Student-t interval of the replications' own figures around it.
    ///
    /// One replication alone says nothing about its spread: the interval is then unbounded.
    init(value: Double, replications: [Double]) {
        let spread = ConfidenceInterval.mean(of: replications)
        let halfWidth = spread.map { $0.high - $0.value } ?? .infinity
        self.init(value: value, low: value - halfWidth, high: value + halfWidth)
    }

    func clamped(to range: ClosedRange<Double>) -> Self {
        Self(
            value: value, low: max(range.lowerBound, low), high: min(range.upperBound, high))
    }

    public func scaled(by factor: Double) -> Self {
        Self(value: value * factor, low: low * factor, high: high * factor)
    }
}

/// Median, 95th and 99th percentile of a latency, in nanoseconds.
public struct LatencyQuantiles: Hashable, Sendable {
    public let p50: Estimate
    public let p95: Estimate
    public let p99: Estimate
    /// Latencies behind the figures; all of them are 0 where there was none.
    public let samples: Int

    /// Linear interpolation on exact data, pooled over replications.
    package init(exact replications: [[Double]]) {
        let sorted = replications.map { $0.sorted() }
        let pooled = replications.flatMap { $0 }.sorted()
        func estimate(_ percent: Double) -> Estimate {
            Estimate(
                value: Percentile.value(percent, ofSorted: pooled) ?? 0,
                replications: sorted.map { Percentile.value(percent, ofSorted: $0) ?? 0 }
            ).clamped(to: 0 ... .infinity)
        }
        (p50, p95, p99) = (estimate(50), estimate(95), estimate(99))
        samples = pooled.count
    }

    /// From histograms with a relative error of at most 0.1 %, pooled over replications.
    package init(histograms: [LogHistogram]) {
        var pooled = LogHistogram()
        histograms.forEach { pooled.merge($0) }
        func estimate(_ percent: Double) -> Estimate {
            Estimate(
                value: pooled.percentile(percent) ?? 0,
                replications: histograms.map { $0.percentile(percent) ?? 0 }
            ).clamped(to: 0 ... .infinity)
        }
        (p50, p95, p99) = (estimate(50), estimate(95), estimate(99))
        samples = pooled.count
    }
}
