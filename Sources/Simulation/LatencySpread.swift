import DiscreteEvents
import ServingDomain

/// How a latency is distributed over the rounds or gaps of all runs.
public struct LatencySpread: Hashable, Sendable {
    public let latency: ServingStatistic.Latency
    /// Rising percentages from 0 to 100, each with its percentile in nanoseconds.
    public let percentiles: [Percentile]
    /// In nanoseconds.
    public let target: Double
    /// Share of the values that meet the target.
    public let shareWithin: Double
    public let samples: Int
    public let replications: Int

    public struct Percentile: Hashable, Sendable {
        public let percent: Double
        public let nanoseconds: Double
    }

    /// Finer where tails are.
    static let percents =
        stride(from: 0.0, through: 98, by: 1).map { $0 } + [
            98.5, 99, 99.25, 99.5, 99.75, 99.9, 100,
        ]
}

extension LatencySpread {
    /// Nil where there is no value.
    package init?(
        _ latency: ServingStatistic.Latency, _ runs: [SimulationResult], target: Duration
    ) {
        var all = LogHistogram()
        for run in runs { all.merge(run.histogram(of: latency)) }
        let percentiles = Self.percents.compactMap { percent in
            all.percentile(percent).map { Percentile(percent: percent, nanoseconds: $0) }
        }
        guard percentiles.count == Self.percents.count else { return nil }
        (self.latency, self.percentiles) = (latency, percentiles)
        self.target = target.inSeconds * 1e9
        shareWithin = all.share(upTo: self.target)
        (samples, replications) = (all.count, runs.count)
    }
}

extension LogHistogram {
    /// Share of the values up to a limit, to about a thousandth of a per cent.
    fileprivate func share(upTo limit: Double) -> Double {
        guard let least = min, let greatest = max, least <= limit else { return 0 }
        guard greatest > limit else { return 1 }
        var (low, high) = (0.0, 100.0)
        for _ in 0..<17 {
            let middle = (low + high) / 2
            if percentile(middle) ?? 0 <= limit { low = middle } else { high = middle }
        }
        return low / 100
    }
}
