/// How calls follow each other in time.
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
    /// Calls that the trace has behind a later one.
    public let unsorted: Int
    /// Of these, calls so far behind that gaps and counts over time are not known.
    public let late: Int
    /// Calls over time; nil where calls are late.
    public let rates: RateProfile?

    /// Whether two or more calls share an instant on average, as under a clock of whole seconds.
    public var isCoarse: Bool { distinctStarts >= 2 && count >= 2 * distinctStarts }
}
