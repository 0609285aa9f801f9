/// Percentiles of exact data by linear interpolation.
///
/// The definition that NumPy uses by default: the p-th percentile of n sorted values lies at
/// position p/100 · (n − 1), counted from 0.
public enum Percentile {
    /// The p-th percentile of finite values in ascending order; `nil` where there are none.
    ///
    /// A `p` outside 0 to 100 counts as the nearer end.
    public static func value(_ p: Double, ofSorted sorted: [Double]) -> Double? {
        guard let last = sorted.last else { return nil }
        let (lower, fraction) = position(p, count: sorted.count)
        guard lower + 1 < sorted.count else { return last }
        return interpolate(sorted[lower], sorted[lower + 1], fraction)
    }

    /// The p-th percentile of finite values in any order; `nil` where there are none.
    public static func value(_ p: Double, of values: [Double]) -> Double? {
        value(p, ofSorted: values.sorted())
    }

    /// Index of the value at or below the p-th percentile of `count` values, and the share of the
    /// way to the next.
    static func position(_ p: Double, count: Int) -> (lower: Int, fraction: Double) {
        let exact = min(max(p, 0), 100) / 100 * Double(count - 1)
        let lower = exact.rounded(.down)
        return (Int(lower), exact - lower)
    }

    /// Between `a` and `b`; exact at both ends and never outside them.
    static func interpolate(_ a: Double, _ b: Double, _ fraction: Double) -> Double {
        fraction < 0.5 ? a + (b - a) * fraction : b - (b - a) * (1 - fraction)
    }
}
