/// Spearman's rank correlation: Pearson's of the ranks, where equal values share their mean rank.
public enum RankCorrelation {
    /// From -1 to 1; nil for fewer than three pairs, or where one side is constant.
    public static func spearman(_ pairs: [(Double, Double)]) -> Double? {
        guard pairs.count >= 3 else { return nil }
        let (left, right) = (ranks(pairs.map(\.0)), ranks(pairs.map(\.1)))
        let mean = Double(pairs.count + 1) / 2
        var (both, first, second) = (0.0, 0.0, 0.0)
        for (x, y) in zip(left, right) {
            both += (x - mean) * (y - mean)
            first += (x - mean) * (x - mean)
            second += (y - mean) * (y - mean)
        }
        return first > 0 && second > 0 ? both / (first * second).squareRoot() : nil
    }

    /// Ranks from 1.
    static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start
            while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
            for place in start...end { ranks[order[place]] = Double(start + end) / 2 + 1 }
            start = end + 1
        }
        return ranks
    }
}
