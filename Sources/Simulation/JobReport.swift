import DiscreteEvents

/// What a deployment does to jobs, each a session with all that it starts, over all replications.
public struct JobReport: Hashable, Sendable {
    /// From arrival to the last token of the whole job.
    public let completion: LatencyQuantiles
    /// Share of the jobs that met their targets.
    public let attainment: Estimate
    /// Jobs that were measured.
    public let count: Int
    /// Jobs of which a session was refused; they count as misses.
    public let refused: Int

    /// - Returns: nil where no run looked at jobs.
    init?(_ runs: [SimulationResult]) {
        let figures = runs.compactMap(\.jobs)
        guard !figures.isEmpty else { return nil }
        completion = LatencyQuantiles(histograms: figures.map(\.completion))
        count = figures.reduce(0) { $0 + $1.count }
        refused = figures.reduce(0) { $0 + $1.refused }
        attainment = Self.share(figures)
    }

    /// The wider of Student's interval over replications and Wilson's over jobs.
    private static func share(_ figures: [JobFigures]) -> Estimate {
        let (good, all) = figures.reduce(into: (0, 0)) { $0 = ($0.0 + $1.good, $0.1 + $1.count) }
        let wilson =
            ConfidenceInterval.proportion(good, of: all)
            ?? ConfidenceInterval(low: 0, value: 0, high: 1)
        let shares = figures.map { Double($0.good) / Double(max(1, $0.count)) }
        let student = ConfidenceInterval.mean(of: shares)
        return Estimate(
            value: wilson.value, low: min(wilson.low, student?.low ?? 1),
            high: max(wilson.high, student?.high ?? 0)
        ).clamped(to: 0...1)
    }
}
