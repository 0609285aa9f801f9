/// Where a series of observations has forgotten how it began.
public enum WarmUp {
    /// Observations to leave out at the start: White's marginal standard error rule, MSER-5.
    ///
    /// Means of groups of `group` observations are taken, and the number of groups is left out that
    /// makes the squared standard error of the mean of the rest least; no more than half of them.
    /// Where even half is not enough, the least lies at the end of what was looked at, and the
    /// series says nothing about where it settles. (K. P. White, Simulation 69, 1997.)
    ///
    /// - Parameters:
    ///   - series: observations in their order.
    ///   - group: how many of them make one mean; 5 in the rule's usual form.
    /// - Returns: a multiple of `group`; nil for fewer than ten groups, and for a series that does
    ///   not settle in its first half.
    public static func truncation(of series: [Double], group: Int = 5) -> Int? {
        let means = groupMeans(series, of: max(1, group))
        guard means.count >= 10 else { return nil }
        let last = means.count / 2
        var (best, least) = (0, Double.infinity)
        var rest = Moments()
        // From the back, so that the moments of what is kept are running ones.
        for index in stride(from: means.count - 1, through: 0, by: -1) {
            rest.add(means[index])
            guard index <= last else { continue }
            let error = rest.squares / (rest.count * rest.count)
            if error <= least { (best, least) = (index, error) }
        }
        return best == last ? nil : best * max(1, group)
    }

    /// Means of whole groups; what is left over at the end makes none.
    private static func groupMeans(_ series: [Double], of size: Int) -> [Double] {
        stride(from: 0, through: series.count - size, by: size).map { start in
            series[start..<(start + size)].reduce(0, +) / Double(size)
        }
    }

    /// Number, mean and sum of squared deviations, updated one value at a time (Welford).
    private struct Moments {
        var count = 0.0
        var mean = 0.0
        var squares = 0.0

        mutating func add(_ value: Double) {
            count += 1
            let before = value - mean
            mean += before / count
            squares += before * (value - mean)
        }
    }
}
