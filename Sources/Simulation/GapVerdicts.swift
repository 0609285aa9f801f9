import CostModeling
import DiscreteEvents
import ServingDomain

/// A number for each statistic of the gaps between tokens, in the order of its cases.
typealias PerStatistic = SIMD4<Int>

extension ServiceLevel.ITLStatistic {
    /// Place in a `PerStatistic`.
    var place: Int {
        switch self {
        case .mean: 0
        case .p95: 1
        case .p99: 2
        case .max: 3
        }
    }
}

/// The gaps between the tokens of a round, a session or a job, as far as targets look at them.
struct GapTotals {
    /// Nanoseconds of all gaps.
    var time: Int64 = 0
    var count: Int64 = 0
    /// Those that are longer than the target.
    var over: Int64 = 0

    static func += (lhs: inout Self, rhs: Self) {
        lhs.time += rhs.time
        lhs.count += rhs.count
        lhs.over += rhs.over
    }

    /// 1 for each statistic that is within `target` nanoseconds, 0 for the others.
    func meets(_ target: Double) -> PerStatistic {
        func holds(_ statistic: ServiceLevel.ITLStatistic) -> Int {
            guard let allowance = statistic.allowance(of: Int(count)) else {
                return count == 0 || Double(time) / Double(count) <= target ? 1 : 0
            }
            return over <= allowance ? 1 : 0
        }
        return PerStatistic(holds(.mean), holds(.p95), holds(.p99), holds(.max))
    }
}

extension StepRun {
    /// Steps from a given one on that take longer than `limit` ticks.
    func steps(from step: Int, longerThan limit: Int128) -> Int {
        guard step < steps else { return 0 }
        func isLonger(_ step: Int) -> Bool { Ticks.wide(ticks(of: step)) > limit }
        // Steps grow or shrink all the way: those that are longer are at one end.
        let (first, last) = (isLonger(step), isLonger(steps - 1))
        if first == last { return first ? steps - step : 0 }
        var (low, high) = (step, steps - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if isLonger(middle) == first { low = middle } else { high = middle }
        }
        return first ? high - step : steps - high
    }
}
