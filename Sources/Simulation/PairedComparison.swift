import DiscreteEvents
import ServingDomain

/// How much a statistic of one setup differs from another's that served the same sessions.
public struct PairedDifference: Hashable, Sendable {
    public let statistic: ServingStatistic
    /// The figure of the setup that is compared with; nanoseconds or a share.
    public let base: Double
    public let other: Double
    /// `other` minus `base` with its 95 % interval over pairs of replications.
    public let difference: Estimate

    /// Whether the interval leaves zero out.
    public var isSignificant: Bool { difference.low > 0 || difference.high < 0 }

    /// The difference as a share of the base's figure; nil where that is zero.
    public var relative: Estimate? {
        base > 0 ? difference.scaled(by: 1 / base) : nil
    }

    /// - Returns: nil where one side measured nothing, or the runs were not of the same sessions.
    public init?(
        _ statistic: ServingStatistic, _ base: [SimulationResult], _ other: [SimulationResult]
    ) {
        let pairs = zip(base, other)
        guard pairs.allSatisfy({ $0.sessions == $1.sessions }),
            let before = statistic.influences(pairs.map(\.0)),
            let after = statistic.influences(pairs.map(\.1))
        else { return nil }
        let interval = ConfidenceInterval.around(
            after.value - before.value,
            deviations: zip(after.deviations, before.deviations).map(-))
        self.statistic = statistic
        self.base = before.value
        self.other = after.value
        difference = Estimate(
            value: interval.value, low: interval.low, high: interval.high)
    }
}

/// Two setups that served the same sessions, replication by replication (common random numbers).
///
/// What both have in common, a busy minute or a long prompt, cancels in the differences, so that
/// their intervals are narrower than the two setups' own. Where one setup has more replications,
/// those that both have are compared.
public struct PairedComparison: Sendable {
    /// In the order asked for; without those that cannot be told.
    public let differences: [PairedDifference]
    /// Pairs of replications behind them.
    public let replications: Int

    /// Compares `other` with `base`.
    ///
    /// Replication r of both must have been of the same seed. Where one of them is in overload,
    /// its figures only tell how long the run was, and nothing is compared.
    public init(
        _ base: [SimulationResult], _ other: [SimulationResult],
        of statistics: [ServingStatistic] = ServingStatistic.usual
    ) {
        replications = min(base.count, other.count)
        let (base, other) = (
            Array(base.prefix(replications)), Array(other.prefix(replications))
        )
        let isSteady = ![base, other].contains { !$0.isEmpty && Backlog($0).isOverloaded }
        differences =
            isSteady ? statistics.compactMap { PairedDifference($0, base, other) } : []
    }

    public subscript(statistic: ServingStatistic) -> PairedDifference? {
        differences.first { $0.statistic == statistic }
    }
}
