/// Whole nanoseconds from fractional ones, never outside 0 … 292 years.
enum Nanoseconds {
    /// Rounded to the nearest; 0 where `value` is negative or not a number.
    static func rounding(_ value: Double) -> Int64 {
        guard value > 0 else { return 0 }
        return value < 0x1p63 ? Int64(value.rounded()) : .max
    }

    /// The sum of two times that are not negative, at most `Int64.max`.
    static func sum(_ a: Int64, _ b: Int64) -> Int64 {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max : sum
    }
}
