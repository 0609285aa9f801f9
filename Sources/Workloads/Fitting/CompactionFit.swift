import ServingDomain

/// When contexts are compacted, and to what.
///
/// A session's limit is taken to be its longest prompt where it was compacted, and to lie beyond that
/// where it was not: the law of limits is the estimate of Kaplan and Meier, and what it leaves open has
/// none.
struct CompactionFit {
    /// Draws that stand for the estimate.
    private static let draws = 10_000.0
    /// In place of no limit: the largest that a workload file may hold.
    private static let none = 1e7

    let laws: Workload.Compaction

    /// Nil where no context was compacted.
    init?(_ shortened: TraceStatistics.Shortened) {
        guard let limits = Self.limits(shortened),
            let history = FittingSample(shortened.histories, .whole, most: Self.none),
            let new = FittingSample(shortened.newTokens, .whole, most: Self.none)
        else { return nil }
        let range = 1.0...Self.none
        laws = Workload.Compaction(
            limit: TableFit(limits).law.rounded, history: LawFit(history, in: range).chosen.law,
            newTokens: LawFit(new, in: range).chosen.law)
    }

    private static func limits(_ shortened: TraceStatistics.Shortened) -> FittingSample? {
        let met = shortened.limits.sorted.map { (value: $0.value, count: $0.count, isMet: true) }
        let others = shortened.others.sorted.map {
            (value: $0.value, count: $0.count, isMet: false)
        }
        // Of equal ones those that were met come first.
        let all = (met + others).sorted {
            ($0.value, $1.isMet ? 1 : 0) < ($1.value, $0.isMet ? 1 : 0)
        }
        var left = Double(all.reduce(0) { $0 + $1.count })
        var (survival, limits) = (1.0, [(value: Double, weight: Double)]())
        for (value, count, isMet) in all {
            if isMet {
                let dying = survival * Double(count) / left
                limits.append((Double(value), dying))
                survival -= dying
            }
            left -= Double(count)
        }
        guard !limits.isEmpty else { return nil }
        if survival > 0.5 / draws { limits.append((none, survival)) }
        return FittingSample(
            limits.map { (min(none, max(1, $0.value)), max(1, ($0.weight * draws).rounded())) },
            .whole)
    }
}
