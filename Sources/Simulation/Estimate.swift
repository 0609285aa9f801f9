package import DiscreteEvents

/// A figure with its 95 % confidence interval over independent replications.
public struct Estimate: Hashable, Sendable {
    public let value: Double
    public let low: Double
    public let high: Double
    /// Why the interval may be too narrow; nil for no known reason.
    public var caution: Caution?

    public init(value: Double, low: Double, high: Double, caution: Caution? = nil) {
        self.value = value
        self.low = low
        self.high = high
        self.caution = caution
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
        self.init(
            value: interval.value, low: max(0, interval.low), high: interval.high,
            caution: figure.hasFewObservations(histograms) ? .fewObservations : nil)
    }

    /// P95 of what replications kept; 0 where there was nothing.
    package static func p95(_ histograms: [LogHistogram]) -> Self {
        Self(.p95, of: histograms) ?? Self(value: 0, low: 0, high: 0)
    }

    func clamped(to range: ClosedRange<Double>) -> Self {
        Self(
            value: value, low: max(range.lowerBound, low), high: min(range.upperBound, high),
            caution: caution)
    }

    public func scaled(by factor: Double) -> Self {
        Self(value: value * factor, low: low * factor, high: high * factor, caution: caution)
    }

    /// The same figure with a reason that weighs more than its own, if there is one.
    func with(_ caution: Caution?) -> Self {
        var copy = self
        copy.caution = caution ?? self.caution
        return copy
    }

    /// Half the width of the interval over the value; infinite where the value is zero.
    public var relativeHalfWidth: Double {
        value > 0 ? (high - low) / 2 / value : .infinity
    }
}

extension ServingStatistic.Figure {
    /// Whether the standard error exceeds a tenth of a mean, or a third of the share of values
    /// past a percentile: docs/decisions/0006-intervals.md says what coverage is lost beyond.
    func hasFewObservations(_ histograms: [LogHistogram]) -> Bool {
        let (linear, limit) =
            percent.map { (LinearRatio(sharePast: $0, of: histograms), 1.0 / 3) }
            ?? (LinearRatio(histograms.map(\.total)), 0.1)
        guard let linear, linear.value > 0 else { return false }
        return linear.standardError > limit * linear.value
    }
}
