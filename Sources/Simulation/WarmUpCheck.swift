import DiscreteEvents

/// Whether the sessions that fill the cluster before the measured ones were enough.
///
/// How many there are does not depend on the layout, so that all layouts are judged by the same
/// sessions; this check says afterwards whether that was right for this one.
public struct WarmUpCheck: Hashable, Sendable {
    /// Sessions of each run that filled the cluster and are not measured.
    public let dropped: Int
    /// Sessions until TTFT has settled by the rule MSER-5, over all replications; nil where it does
    /// not settle in the first half of the run, or the run is too short to tell.
    public let detected: Int?
    /// Whether the first measured sessions differ from the others by more than chance explains.
    ///
    /// Never where every session is measured from the first on.
    public let isIncomplete: Bool

    /// - Precondition: `runs` are of equal length.
    init(_ runs: [SimulationResult]) {
        let series = runs.map(\.arrivals)
        let size = series.first?.groupSize ?? 1
        let groups = series.map(\.counts.count).min() ?? 0
        let filling = series.first?.filling ?? 0
        let course = (0..<groups).compactMap { group -> Double? in
            let count = series.reduce(0) { $0 + $1.counts[group] }
            return count > 0
                ? series.reduce(0) { $0 + $1.sums[group] } / Double(count) : nil
        }
        let detected = WarmUp.truncation(of: course, group: 1).map { $0 * size }
        let start = (filling + size - 1) / size
        // Without an answer, whether the first half of what is measured looks like the second.
        let settled = detected.map { $0 / size } ?? (start + groups) / 2
        dropped = filling
        self.detected = detected
        isIncomplete =
            filling > 0 && settled > start
            && Self.differs(series, start..<settled, settled..<groups)
    }

    /// Whether the means of two parts of the runs differ, replication by replication.
    private static func differs(
        _ series: [ArrivalSeries], _ early: Range<Int>, _ late: Range<Int>
    ) -> Bool {
        let differences = series.compactMap { run -> Double? in
            guard let before = run.mean(early), let after = run.mean(late) else { return nil }
            return before - after
        }
        guard differences.count > 1 else { return false }
        let interval = ConfidenceInterval.around(
            differences.reduce(0, +) / Double(differences.count), deviations: differences)
        return !interval.holdsZero
    }
}
