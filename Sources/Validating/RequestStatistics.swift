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

        fileprivate func value(_ values: [Double]) -> Double? {
            switch self {
            case .mean: values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
            case .median: Percentile.value(50, of: values)
            case .p90: Percentile.value(90, of: values)
            case .p95: Percentile.value(95, of: values)
            case .p99: Percentile.value(99, of: values)
            }
        }
    }

    /// One statistic, in milliseconds.
    public struct Line: Hashable, Sendable {
        public let figure: Figure
        public let statistic: Statistic
        /// Nil where no request has the figure, as with the prediction.
        public let measured: Double?
        public let predicted: Double?

        /// (predicted - measured) / measured; nil without a measured value above 0.
        public var error: Double? {
            guard let measured, let predicted, measured > 0 else { return nil }
            return predicted / measured - 1
        }
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

    /// Absolute errors of the statistics that have one.
    private var errors: [Double] { lines.compactMap { $0.error.map(abs) } }

    /// Mean of the absolute errors; nil where there is none.
    public var meanError: Double? {
        errors.isEmpty ? nil : errors.reduce(0, +) / Double(errors.count)
    }

    /// Largest absolute error; nil where there is none.
    public var largestError: Double? { errors.max() }

    /// How many statistics are off by at most `share`.
    public func count(within share: Double) -> Int { errors.count { $0 <= share } }
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
