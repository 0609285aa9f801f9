extension LinearRatio {
    /// A percentile of the values of all replications, and how each replication pulls it.
    ///
    /// The influence of a replication is its lack of values below the percentile over the density
    /// there, which is taken from the percentiles half way to the nearer end on both sides.
    ///
    /// `nil` where nothing was counted, and for a `p` that is not strictly between 0 and 100.
    public init?(percentile p: Double, of replications: [LogHistogram]) {
        var pooled = LogHistogram()
        replications.forEach { pooled.merge($0) }
        let reach = min(p, 100 - p) / 2
        guard reach > 0, let percentile = pooled.percentile(p),
            let above = pooled.percentile(p + reach), let below = pooled.percentile(p - reach)
        else { return nil }
        var shares = SharesBelow(share: p / 100, of: replications)
        if percentile > 0 { shares.move(to: LogHistogram.bin(of: percentile) + 1) }
        let lack = shares.deviations
        let centre = lack.reduce(0, +) / Double(lack.count)
        let slope = (above - below) / (2 * reach / 100)
        self.init(value: percentile, deviations: lack.map { slope * (centre - $0) })
    }

    /// The share of values of all replications above a percentile, or below it where that is the
    /// smaller one, with the influences of the replications.
    ///
    /// `nil` where nothing was counted, and for a `p` that is not strictly between 0 and 100.
    public init?(sharePast p: Double, of replications: [LogHistogram]) {
        var pooled = LogHistogram()
        replications.forEach { pooled.merge($0) }
        guard p > 0, p < 100, let percentile = pooled.percentile(p) else { return nil }
        var shares = SharesBelow(share: p / 100, of: replications)
        if percentile > 0 { shares.move(to: LogHistogram.bin(of: percentile) + 1) }
        self.init(value: min(p, 100 - p) / 100, deviations: shares.deviations)
    }
}
