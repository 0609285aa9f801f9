import DiscreteEvents
public import ServingDomain

/// How the sessions of a trace follow each other.
public struct ArrivalFit: Hashable, Sendable {
    /// Sessions per second over the span of the trace.
    public let rate: Rate
    public let arrivals: Workload.Arrivals
    /// Sentence that says what the law was chosen by.
    public let reason: String

    /// A coefficient of variation this near to 1 is taken for Poisson's.
    private static let poissonMargin = 0.05

    /// Nil where the trace has no times, or too few.
    init?(_ statistics: TraceStatistics) {
        guard let figures = statistics.sessionArrivals, let perSecond = figures.rate,
            figures.count > 1, perSecond > 0
        else { return nil }
        rate = Rate(sessionsPerSecond: perSecond)
        // Where a clock is coarse, gaps say nothing, and counts still do.
        let isCoarse = figures.count >= 2 * figures.distinctStarts
        let fromCounts = figures.dispersion.map { $0.squareRoot() }
        guard let cv = isCoarse ? fromCounts : figures.gapVariation, cv > 0 else {
            arrivals = .poisson
            reason = "the trace does not tell how arrivals vary"
            return
        }
        let source =
            isCoarse
            ? "the root of the dispersion of counts in 10 s, because many sessions share a timestamp"
            : "the gaps between sessions"
        if (cv - 1).magnitude < Self.poissonMargin {
            arrivals = .poisson
            reason = "a coefficient of variation of \(cv.twoPlaces), from \(source), is near 1"
        } else {
            arrivals = .gamma(cv: min(100, max(0.01, (cv * 1e4).rounded() / 1e4)))
            reason = "a coefficient of variation from \(source)"
        }
    }
}

extension Double {
    fileprivate var twoPlaces: Double { (self * 100).rounded() / 100 }
}
