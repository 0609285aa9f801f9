/// How calls follow each other in time, from their starts in ascending order.
public struct ArrivalFigures: Hashable, Sendable {
    public let count: Int
    /// From the first start to the last, in seconds.
    public let span: Double
    /// Calls over the span, in 1/s; nil where they all start at once.
    public let rate: Double?
    /// Coefficient of variation of the gaps: population standard deviation over mean.
    public let gapVariation: Double?
    /// Index of dispersion: variance over mean of the counts in bins of ten seconds from the first
    /// start, the last partial bin left out.
    public let dispersion: Double?
    /// Instants at which calls start.
    public let distinctStarts: Int

    private static let bin: Int64 = 10_000_000_000

    /// - Parameter starts: nanoseconds, ascending; nil where there are none.
    init?(_ starts: [Int64]) {
        guard let first = starts.first, let last = starts.last else { return nil }
        count = starts.count
        span = Double(last - first) / 1e9
        rate = span > 0 ? Double(count) / span : nil
        distinctStarts = 1 + zip(starts, starts.dropFirst()).count { $0 != $1 }
        let gaps = zip(starts, starts.dropFirst()).map { Double($1 - $0) / 1e9 }
        gapVariation = Self.moments(gaps).flatMap { $0.mean > 0 ? $0.deviation / $0.mean : nil }
        var bins = [Double](repeating: 0, count: Int((last - first) / Self.bin))
        for start in starts {
            let place = Int((start - first) / Self.bin)
            if place < bins.count { bins[place] += 1 }
        }
        dispersion = Self.moments(bins).flatMap { moments in
            moments.mean > 0 ? moments.deviation * moments.deviation / moments.mean : nil
        }
    }

    /// Mean and population standard deviation; nil where there are no values.
    private static func moments(_ values: [Double]) -> (mean: Double, deviation: Double)? {
        guard !values.isEmpty else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, (squares / Double(values.count)).squareRoot())
    }
}
