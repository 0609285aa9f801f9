extension ConfidenceInterval {
    /// A percentile of the values of all replications together.
    ///
    /// The interval holds every value x for which the replications do not speak against a share
    /// of p below x: the test of a mean over replications (Student's t corrected for skewness),
    /// turned round. It needs no density, no sorting and no percentile of a single replication,
    /// which would be biased in short runs. One replication alone leaves the interval open.
    ///
    /// - Parameters:
    ///   - p: from 0 to 100, as in `Percentile`.
    ///   - replications: values from independent runs of equal length.
    /// - Returns: `nil` where nothing was counted; both ends are edges of bins.
    public static func percentile(_ p: Double, of replications: [LogHistogram]) -> Self? {
        var pooled = LogHistogram()
        replications.forEach { pooled.merge($0) }
        guard let value = pooled.percentile(p) else { return nil }
        guard replications.count > 1 else { return Self(low: 0, value: value, high: .infinity) }
        let bins = pooled.occupiedBins
        var below = SharesBelow(share: min(max(p, 0), 100) / 100, of: replications)
        return Self(
            low: max(pooled.min ?? 0, min(value, lowEnd(below, from: value, bins))),
            value: value,
            high: min(pooled.max ?? value, max(value, highEnd(&below, from: value, bins))))
    }

    /// Walks down until the share of values up to the end of a bin is surely too small.
    private static func lowEnd(
        _ shares: SharesBelow, from value: Double, _ bins: Range<Int>
    ) -> Double {
        guard value > 0 else { return 0 }
        var below = shares
        var bin = min(LogHistogram.bin(of: value) + 1, bins.upperBound)
        below.move(to: bin)
        while bin > bins.lowerBound {
            // All counts below `bin` are in: is the edge itself too low a percentile?
            if below.sign < 0 { return LogHistogram.lowerEdge(of: bin) }
            bin -= 1
            below.move(to: bin)
        }
        return below.sign < 0 ? LogHistogram.lowerEdge(of: bins.lowerBound) : 0
    }

    /// Walks up until the share of values below a bin is surely too large.
    private static func highEnd(
        _ below: inout SharesBelow, from value: Double, _ bins: Range<Int>
    ) -> Double {
        var bin = value > 0 ? LogHistogram.bin(of: value) : bins.lowerBound
        below.move(to: bin)
        while bin < bins.upperBound {
            if below.sign > 0 { return LogHistogram.lowerEdge(of: bin) }
            bin += 1
            below.move(to: bin)
        }
        return .infinity
    }
}

/// How many values of each replication lie below an edge, against the share that should.
struct SharesBelow {
    private let histograms: [LogHistogram]
    private let expected: [Double]
    private let perReplication: Double
    private var counts: [Int]
    private var bin: Int
    /// Of `counts`; computed anew only where they have changed.
    private(set) var sign = 0

    init(share: Double, of histograms: [LogHistogram]) {
        self.histograms = histograms
        expected = histograms.map { Double($0.count) * share }
        let all = histograms.reduce(0) { $0 + $1.count }
        perReplication = Double(all) / Double(max(1, histograms.count))
        counts = histograms.map(\.zeros)
        bin = histograms.filter { $0.count > $0.zeros }.map(\.occupiedBins.lowerBound).min() ?? 0
        sign = test()
    }

    /// Counts values below the lower edge of `target`.
    mutating func move(to target: Int) {
        guard target != bin else { return }
        let (bins, factor) = target > bin ? (bin..<target, 1) : (target..<bin, -1)
        var hasChanged = false
        for index in counts.indices {
            let change = histograms[index].count(in: bins)
            guard change > 0 else { continue }
            counts[index] += factor * change
            hasChanged = true
        }
        bin = target
        if hasChanged { sign = test() }
    }

    /// Deviations of the shares from the expected one, by replication.
    var deviations: [Double] {
        zip(counts, expected).map { (Double($0) - $1) / perReplication }
    }

    private func test() -> Int { SkewAdjustedT(deviations).sign }
}
