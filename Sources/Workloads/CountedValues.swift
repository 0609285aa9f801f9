import DiscreteEvents

/// Whole numbers with how often each occurred: exact moments and percentiles in memory that grows with
/// distinct values alone.
public struct CountedValues: Hashable, Sendable {
    private var counts: [Int: Int] = [:]
    public private(set) var count = 0
    private var sum = 0.0

    public init() {}

    mutating func add(_ value: Int) {
        counts[value, default: 0] += 1
        count += 1
        sum += Double(value)
    }

    /// Mean, percentiles and maximum; nil where there are none.
    public var figures: TraceFigures? {
        guard count > 0 else { return nil }
        let sorted = counts.sorted { $0.key < $1.key }
        return TraceFigures(
            count: count, mean: sum / Double(count),
            p50: percentile(50, sorted), p95: percentile(95, sorted), p99: percentile(99, sorted),
            max: Double(sorted[sorted.count - 1].key))
    }

    /// By linear interpolation between order statistics, as `Percentile` has it.
    private func percentile(_ p: Double, _ sorted: [(key: Int, value: Int)]) -> Double {
        let position = p / 100 * Double(count - 1)
        let lower = Int(position)
        var (passed, place) = (0, 0)
        while passed + sorted[place].value <= lower {
            passed += sorted[place].value
            place += 1
        }
        let low = Double(sorted[place].key)
        // The next order statistic may be of the same value.
        guard passed + sorted[place].value == lower + 1, place + 1 < sorted.count else {
            return low
        }
        return low + (position - Double(lower)) * (Double(sorted[place + 1].key) - low)
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

    public init(count: Int, mean: Double, p50: Double, p95: Double, p99: Double, max: Double) {
        self.count = count
        self.mean = mean
        self.p50 = p50
        self.p95 = p95
        self.p99 = p99
        self.max = max
    }

    /// In another unit.
    public func scaled(by factor: Double) -> Self {
        Self(
            count: count, mean: mean * factor, p50: p50 * factor, p95: p95 * factor,
            p99: p99 * factor, max: max * factor)
    }
}
