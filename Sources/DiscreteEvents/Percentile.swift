/// Percentiles of exact data.
public enum Percentile {
    /// Linear interpolation between order statistics at position percent / 100 · (n − 1).
    ///
    /// - Parameters:
    ///   - sorted: data in increasing order.
    ///   - percent: from 0 to 100.
    /// - Returns: the percentile; 0 where there are no data.
    public static func interpolated(_ sorted: [Double], _ percent: Double) -> Double {
        guard let last = sorted.last else { return 0 }
        let position = percent / 100 * Double(sorted.count - 1)
        let low = Int(position)
        guard low + 1 < sorted.count else { return last }
        return sorted[low] + (position - Double(low)) * (sorted[low + 1] - sorted[low])
    }
}
