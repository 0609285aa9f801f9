import DiscreteEvents

/// Fifteen statistics of a log beside those of its simulation: mean, median, P90, P95 and P99 of TTFT,
/// TPOT and latency.
public struct RequestStatistics: Sendable {
    public enum Figure: String, Sendable, CaseIterable {
        case ttft
        case tpot
        case latency
    }

    public enum Statistic: String, Sendable, CaseIterable {
        case mean
        case median
        case p90
        case p95
        case p99

        fileprivate func value(_ values: [Double]) -> Double {
            switch self {
            case .mean: values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
            case .median: Percentile.value(50, of: values) ?? 0
            case .p90: Percentile.value(90, of: values) ?? 0
            case .p95: Percentile.value(95, of: values) ?? 0
            case .p99: Percentile.value(99, of: values) ?? 0
            }
        }
    }

    /// One statistic, in milliseconds.
    public struct Line: Hashable, Sendable {
        public let figure: Figure
        public let statistic: Statistic
        public let measured: Double
        public let predicted: Double

        /// (predicted - measured) / measured.
        public var error: Double { measured > 0 ? predicted / measured - 1 : 0 }
    }

    public let lines: [Line]

    public init(measured: [RequestLatencies], predicted: [RequestLatencies]) {
        lines = Figure.allCases.flatMap { figure in
            Statistic.allCases.map { statistic in
                Line(
                    figure: figure, statistic: statistic,
                    measured: statistic.value(measured.compactMap(figure.of)),
                    predicted: statistic.value(predicted.compactMap(figure.of)))
            }
        }
    }

    /// Mean of the absolute errors.
    public var meanError: Double {
        lines.reduce(0) { $0 + abs($1.error) } / Double(max(1, lines.count))
    }

    /// Largest absolute error.
    public var largestError: Double { lines.map { abs($0.error) }.max() ?? 0 }

    /// How many statistics are off by at most `share`.
    public func count(within share: Double) -> Int { lines.count { abs($0.error) <= share } }
}

extension RequestStatistics.Figure {
    fileprivate func of(_ request: RequestLatencies) -> Double? {
        switch self {
        case .ttft: request.ttft
        case .tpot: request.tpot
        case .latency: request.latency
        }
    }
}
