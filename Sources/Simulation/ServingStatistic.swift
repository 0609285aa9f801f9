public import DiscreteEvents
public import ServingDomain

/// A figure of a run that can be asked for by name: `ttft_p95`, `itl_mean`, `attainment_round_joint`.
public enum ServingStatistic: Hashable, Sendable {
    case latency(Latency, Figure)
    case attainment(ServiceLevel.Headline)

    /// Latencies that a run keeps, all in nanoseconds.
    public enum Latency: String, Hashable, Sendable, CaseIterable {
        case ttft
        case itl
        case tpot
        case endToEnd = "e2e"
        case memoryWait = "memory_wait"
        case transfer
    }

    public enum Figure: String, Hashable, Sendable, CaseIterable {
        case mean
        case p50
        case p95
        case p99

        /// From 0 to 100; nil for the mean.
        public var percent: Double? {
            switch self {
            case .mean: nil
            case .p50: 50
            case .p95: 95
            case .p99: 99
            }
        }
    }

    /// The statistics of every latency, then the readings of attainment.
    public static let all: [Self] =
        Latency.allCases.flatMap { latency in Figure.allCases.map { .latency(latency, $0) } }
        + ServiceLevel.Headline.allCases.map(Self.attainment)

    /// What a comparison of two setups shows unless more is asked for.
    public static let usual: [Self] =
        [
            .latency(.ttft, .p50), .latency(.ttft, .p95), .latency(.itl, .p95),
        ] + ServiceLevel.Headline.allCases.map(Self.attainment)

    public var name: String {
        switch self {
        case .latency(let latency, let figure): "\(latency.rawValue)_\(figure.rawValue)"
        case .attainment(let headline): "attainment_\(headline.rawValue)"
        }
    }

    /// - Returns: nil for a name that no statistic has.
    public init?(name: String) {
        guard let found = Self.all.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}

extension ServingStatistic {
    /// The figure over all rounds of all runs, with its 95 % interval over the runs.
    ///
    /// - Returns: nil where there was nothing to measure.
    public func estimate(_ runs: [SimulationResult]) -> Estimate? {
        switch self {
        case .latency(let latency, let figure):
            Estimate(figure, of: runs.map { $0.histogram(of: latency) })?
                .with(Caution.general(runs))
        case .attainment(let headline): Attainment(headline: headline).estimate(runs)
        }
    }

    /// The figure over all runs and the influence of each on it, in the unit of the figure.
    func influences(_ runs: [SimulationResult]) -> LinearRatio? {
        switch self {
        case .attainment(let headline):
            LinearRatio(runs.map { Attainment(headline: headline).total($0) })
        case .latency(let latency, let figure):
            figure.influences(runs.map { $0.histogram(of: latency) })
        }
    }
}

extension ServingStatistic.Figure {
    func influences(_ histograms: [LogHistogram]) -> LinearRatio? {
        guard let percent else { return LinearRatio(histograms.map(\.total)) }
        return LinearRatio(percentile: percent, of: histograms)
    }
}

extension LogHistogram {
    /// Sum and number of the values, as one replication's part of a mean.
    package var total: ReplicationTotal { ReplicationTotal(amount: sum, units: Double(count)) }
}

extension SimulationResult {
    /// Values of one latency in nanoseconds.
    public func histogram(of latency: ServingStatistic.Latency) -> LogHistogram {
        switch latency {
        case .ttft: ttft
        case .itl: gaps
        case .tpot: tpot
        case .endToEnd: endToEnd
        case .memoryWait: memoryWait
        case .transfer: transferTime
        }
    }
}
