import DiscreteEvents
public import ServingDomain

/// A row with what was predicted for it.
public struct PredictedRow: Hashable, Sendable {
    public let row: MeasuredRow
    public let predicted: MeanLatencies
    /// How far the prediction is off with most rows; nil where nobody knows.
    public let interval: PredictionInterval?
    /// The engine that was simulated, with what scripts of the row's campaign tell it; nil where nobody
    /// asks.
    public let engine: Engine?
    /// Format of the KV cache that was simulated; nil where nobody asks.
    public let kvFormat: NumberFormat?
    /// What experts in mxfp4 were multiplied with; nil where nobody asks or has a choice.
    public let mxfp4Activations: NumberFormat?

    public init(
        row: MeasuredRow, predicted: MeanLatencies, interval: PredictionInterval? = nil,
        engine: Engine? = nil, kvFormat: NumberFormat? = nil,
        mxfp4Activations: NumberFormat? = nil
    ) {
        (self.engine, self.kvFormat) = (engine, kvFormat)
        self.mxfp4Activations = mxfp4Activations
        self.row = row
        self.predicted = predicted
        self.interval = interval
    }

    /// (predicted - measured) / measured.
    public var ttftError: Double { predicted.ttft / row.measured.ttft - 1 }
    /// (predicted - measured) / measured.
    public var tpotError: Double { predicted.tpot / row.measured.tpot - 1 }
}

/// How far predictions are from measurements; all figures are fractions.
public struct ErrorFigures: Hashable, Sendable {
    public struct Spread: Hashable, Sendable {
        public let median: Double
        public let mean: Double
        /// 90th percentile.
        public let p90: Double
        /// Median of the signed errors; above 0 where predictions are too long.
        public let bias: Double
        /// 90th percentile of the larger over the smaller of predicted and measured, at least 1.
        public let p90Factor: Double

        /// Nil where there is nothing to describe.
        init?(_ errors: [Double]) {
            let sizes = errors.map(abs)
            let factors = errors.map { max(1 + $0, 1 / (1 + $0)) }
            guard let p90Factor = Percentile.value(90, of: factors),
                let median = Percentile.value(50, of: sizes),
                let p90 = Percentile.value(90, of: sizes),
                let bias = Percentile.value(50, of: errors)
            else { return nil }
            self.median = median
            mean = sizes.reduce(0, +) / Double(sizes.count)
            self.p90 = p90
            self.bias = bias
            self.p90Factor = p90Factor
        }
    }

    /// An error below this counts as close.
    public static let close = 0.25

    public let ttft: Spread
    public let tpot: Spread
    /// Share of rows with both errors below 25 %.
    public let bothClose: Double

    /// Nil where nothing was predicted.
    public init?(_ rows: [PredictedRow]) {
        guard let ttft = Spread(rows.map(\.ttftError)), let tpot = Spread(rows.map(\.tpotError))
        else {
            return nil
        }
        self.ttft = ttft
        self.tpot = tpot
        let close = rows.filter { max(abs($0.ttftError), abs($0.tpotError)) < Self.close }
        bothClose = Double(close.count) / Double(rows.count)
    }
}

/// How many measurements lie in the intervals of their predictions; fractions of the rows that have one.
public struct IntervalCoverage: Hashable, Sendable {
    public let ttft: Double
    public let tpot: Double

    /// Nil where no row has an interval.
    public init?(_ rows: [PredictedRow]) {
        let known = rows.compactMap { row in row.interval.map { (row, $0) } }
        guard !known.isEmpty else { return nil }
        func share(_ holds: (PredictedRow, PredictionInterval) -> Bool) -> Double {
            Double(known.count { holds($0.0, $0.1) }) / Double(known.count)
        }
        ttft = share {
            PredictionInterval.holds(
                $0.row.measured.ttft, predicted: $0.predicted.ttft, factor: $1.ttftFactor)
        }
        tpot = share {
            PredictionInterval.holds(
                $0.row.measured.tpot, predicted: $0.predicted.tpot, factor: $1.tpotFactor)
        }
    }
}
