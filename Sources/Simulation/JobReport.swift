import DiscreteEvents

/// What a deployment does to jobs, each a session with all that it starts, over all replications.
public struct JobReport: Hashable, Sendable {
    /// From arrival to the last token of the whole job; nil in overload, and where every job had a
    /// refused session.
    public let completion: LatencyQuantiles?
    /// Share of the jobs that met their targets.
    public let attainment: Estimate
    /// Jobs that were measured.
    public let count: Int
    /// Jobs of which a session was refused; they count as misses.
    public let refused: Int

    /// - Returns: nil where no run looked at jobs.
    init?(_ runs: [SimulationResult], givesCompletion: Bool, caution: Caution?) {
        let figures = runs.compactMap(\.jobs)
        guard !figures.isEmpty else { return nil }
        completion =
            givesCompletion
            ? LatencyQuantiles(histograms: figures.map(\.completion), caution: caution) : nil
        count = figures.reduce(0) { $0 + $1.count }
        refused = figures.reduce(0) { $0 + $1.refused }
        let shares = figures.map {
            ReplicationTotal(amount: Double($0.good), units: Double($0.count))
        }
        attainment =
            Estimate(share: shares, independent: count, caution: caution)
            ?? Estimate(value: 0, low: 0, high: 1)
    }
}
