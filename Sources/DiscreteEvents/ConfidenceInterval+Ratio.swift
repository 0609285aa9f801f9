/// What one replication adds to a ratio of sums: an amount over so many units.
public struct ReplicationTotal: Hashable, Sendable {
    /// What is added up: nanoseconds, good rounds, ...
    public let amount: Double
    /// Over how many units: rounds, sessions, ...
    public let units: Double

    public init(amount: Double, units: Double) {
        self.amount = amount
        self.units = units
    }
}

extension ConfidenceInterval {
    /// The mean over all units of independent replications of any size.
    ///
    /// All amounts over all units, and around it the 95 % interval of the ratio by linearisation
    /// (delta method) with Student's t, corrected for skewness. One replication says nothing about
    /// its error: the interval is then infinite. `nil` where there are no units.
    public static func ratio(of totals: [ReplicationTotal]) -> Self? {
        guard let linear = LinearRatio(totals) else { return nil }
        guard totals.count > 1 else {
            return Self(low: -.infinity, value: linear.value, high: .infinity)
        }
        let margins = SkewAdjustedT(linear.deviations).margins
        return Self(
            low: linear.value + margins.low, value: linear.value,
            high: linear.value + margins.high)
    }

    /// A figure of `value` on which independent replications have these influences.
    ///
    /// Student's t, corrected for skewness, around the value; only the differences between the
    /// influences count. Infinite for one replication.
    public static func around(_ value: Double, deviations: [Double]) -> Self {
        guard deviations.count > 1 else {
            return Self(low: -.infinity, value: value, high: .infinity)
        }
        let margins = SkewAdjustedT(deviations).margins
        return Self(low: value + margins.low, value: value, high: value + margins.high)
    }

    /// Whether zero lies inside.
    public var holdsZero: Bool { low <= 0 && 0 <= high }
}

/// A ratio of sums, or another pooled figure, and how each replication pulls it.
public struct LinearRatio: Sendable {
    public let value: Double
    /// Influence of each replication in the unit of the ratio; they add up to zero.
    public let deviations: [Double]

    /// Standard error of the value; infinite for one replication.
    public var standardError: Double {
        deviations.count > 1 ? SkewAdjustedT(deviations).standardError : .infinity
    }

    init(value: Double, deviations: [Double]) {
        self.value = value
        self.deviations = deviations
    }

    /// `nil` where there are no units.
    public init?(_ totals: [ReplicationTotal]) {
        let units = totals.reduce(0) { $0 + $1.units }
        guard units > 0 else { return nil }
        let ratio = totals.reduce(0) { $0 + $1.amount } / units
        let perReplication = units / Double(totals.count)
        value = ratio
        deviations = totals.map { ($0.amount - ratio * $0.units) / perReplication }
    }
}
