import DiscreteEvents

/// Whole numbers with how often each occurred: exact moments and percentiles in memory that grows with
/// distinct values alone.
public struct CountedValues: Hashable, Sendable {
    /// Values below this are counted by their place, others by name.
    private static let dense = 1 << 16

    private var few: [Int] = []
    private var others: [Int: Int] = [:]
    public private(set) var count = 0
    private var sum = 0.0

    public init() {}

    mutating func add(_ value: Int) {
        if (0..<Self.dense).contains(value) {
            if value >= few.count {
                few += Array(repeating: 0, count: max(value + 1, 2 * few.count) - few.count)
            }
            few[value] += 1
        } else {
            others[value, default: 0] += 1
        }
        count += 1
        sum += Double(value)
    }

    /// To twelve binary digits, which is within 0.025 %, so that long traces have few distinct values.
    static func rounded(_ value: Int64) -> Int {
        guard value > 1 << 12 else { return Int(value) }
        let shift = Int64(63 - value.leadingZeroBitCount - 11)
        return Int(((value + 1 << (shift - 1)) >> shift) << shift)
    }

    /// The distinct values in ascending order, with how often each occurred.
    public var sorted: [(value: Int, count: Int)] {
        let rest = others.sorted { $0.key < $1.key }.map { (value: $0.key, count: $0.value) }
        let below = few.indices.lazy.filter { few[$0] > 0 }.map { (value: $0, count: few[$0]) }
        return rest.filter { $0.value < 0 } + below + rest.filter { $0.value >= 0 }
    }

    /// Mean, percentiles and maximum; nil where there are none.
    public var figures: TraceFigures? {
        guard count > 0 else { return nil }
        let sorted = sorted
        return TraceFigures(
            count: count, mean: sum / Double(count),
            p50: percentile(50, sorted), p95: percentile(95, sorted), p99: percentile(99, sorted),
            max: Double(sorted[sorted.count - 1].value), tailIndex: Self.tailIndex(sorted, count))
    }

    /// Hill's estimator over the largest twentieth: the exponent of a Pareto tail, and the smaller
    /// the heavier; nil below twenty such values, or where they are all equal.
    private static func tailIndex(
        _ sorted: [(value: Int, count: Int)], _ count: Int
    ) -> Double? {
        let largest = count / 20
        guard largest >= 20 else { return nil }
        let threshold = Double(sorted[place(of: count - 1 - largest, sorted).place].value)
        guard threshold > 0 else { return nil }
        let sum = sorted.reversed().prefix { Double($0.value) > threshold }.reduce(0) {
            $0 + Double($1.count) * DeterministicMath.log(Double($1.value) / threshold)
        }
        return sum > 0 ? Double(largest) / sum : nil
    }

    /// Where an order statistic stands, counted from 0, and how many stand before its equals.
    private static func place(
        of index: Int, _ sorted: [(value: Int, count: Int)]
    ) -> (place: Int, passed: Int) {
        var (passed, place) = (0, 0)
        while passed + sorted[place].count <= index {
            passed += sorted[place].count
            place += 1
        }
        return (place, passed)
    }

    /// By linear interpolation between order statistics, as `Percentile` has it.
    private func percentile(_ p: Double, _ sorted: [(value: Int, count: Int)]) -> Double {
        let position = p / 100 * Double(count - 1)
        let lower = Int(position)
        let (place, passed) = Self.place(of: lower, sorted)
        let low = Double(sorted[place].value)
        // The next order statistic may be of the same value.
        guard passed + sorted[place].count == lower + 1, place + 1 < sorted.count else {
            return low
        }
        return low + (position - Double(lower)) * (Double(sorted[place + 1].value) - low)
    }
}

/// Figures of one quantity of a trace.
public struct TraceFigures: Hashable, Sendable {
    public let count: Int
    public let mean: Double
    /// Percentiles by linear interpolation between order statistics.
    public let p50: Double
    public let p95: Double
    public let p99: Double
    public let max: Double
    /// Exponent of the tail by Hill's estimator over the largest twentieth; nil where too few.
    public let tailIndex: Double?

    /// In another unit.
    public func scaled(by factor: Double) -> Self {
        Self(
            count: count, mean: mean * factor, p50: p50 * factor, p95: p95 * factor,
            p99: p99 * factor, max: max * factor, tailIndex: tailIndex)
    }
}
