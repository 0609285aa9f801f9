/// Counts of positive whole numbers in bins of a relative width of 1/512.
///
/// A percentile is off by at most 0.1 % of its value; memory depends on the range alone. Bins are
/// read off the bits of the number, so that every processor agrees.
public struct LogHistogram: Hashable, Sendable {
    private var counts: [Int] = []
    public private(set) var count = 0
    public private(set) var sum = 0.0
    public private(set) var min = Int64.max
    public private(set) var max = Int64.min

    public init() {}

    public var mean: Double { count > 0 ? sum / Double(count) : 0 }

    /// Adds `count` times the same value; values below 1 count as 1.
    public mutating func record(_ value: Int64, count: Int = 1) {
        guard count > 0 else { return }
        let bin = Self.bin(Swift.max(value, 1))
        if bin >= counts.count {
            counts.append(contentsOf: repeatElement(0, count: bin + 1 - counts.count))
        }
        counts[bin] += count
        self.count += count
        sum += Double(value) * Double(count)
        min = Swift.min(min, value)
        max = Swift.max(max, value)
    }

    /// Adds everything that `other` counted.
    public mutating func merge(_ other: Self) {
        if other.counts.count > counts.count {
            counts.append(contentsOf: repeatElement(0, count: other.counts.count - counts.count))
        }
        for (bin, more) in other.counts.enumerated() { counts[bin] += more }
        count += other.count
        sum += other.sum
        min = Swift.min(min, other.min)
        max = Swift.max(max, other.max)
    }

    /// The value at `percent` from 0 to 100, spread evenly inside its bin; 0 without data.
    public func percentile(_ percent: Double) -> Double {
        guard count > 0 else { return 0 }
        let rank = percent / 100 * Double(count - 1)
        var before = 0
        for (bin, inside) in counts.enumerated() where inside > 0 {
            guard rank >= Double(before + inside) else {
                let share = (rank - Double(before) + 0.5) / Double(inside)
                let (low, high) = (Self.lowerEdge(bin), Self.lowerEdge(bin + 1))
                let value = low + Swift.min(share, 1) * (high - low)
                return Swift.min(Swift.max(value, Double(min)), Double(max))
            }
            before += inside
        }
        return Double(max)
    }

    /// Nine bits of the fraction and the exponent, counted from 1.0.
    private static func bin(_ value: Int64) -> Int {
        Int(truncatingIfNeeded: (Double(value).bitPattern >> 43) &- (1023 << 9))
    }

    private static func lowerEdge(_ bin: Int) -> Double {
        Double(bitPattern: (UInt64(bin) &+ (1023 << 9)) << 43)
    }
}
