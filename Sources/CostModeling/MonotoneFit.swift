/// Fits a continuous, non-decreasing piecewise-linear function to timings.
///
/// 1. Repeats at one abscissa become their median. 2. Isotonic regression (pool adjacent violators)
/// makes them monotone: more work never takes less time. Where times fall it keeps to their median,
/// because kernels are chosen by size: a few points of one kernel must not lift or lower all others
/// beside them. 3. Dynamic programming picks the knots among the points: it minimises the squared
/// relative error at the points between knots plus a penalty per knot. Only additions,
/// multiplications and divisions are used, so that every processor finds the same knots.
public struct MonotoneFit: Sendable {
    /// Squared relative error that one more knot must save unless told otherwise: 2 % at one point.
    public static let usualPenalty = 4e-4

    /// The fitted function.
    public let curve: PiecewiseLinear
    /// Distinct abscissae, in increasing order.
    let xs: [Double]
    /// Median time at each abscissa.
    let medians: [Double]
    private let penalty: Double

    /// - Precondition: `points` is not empty and every `y` is positive.
    public init(
        _ points: [(x: Double, y: Double)], knotPenalty: Double = Self.usualPenalty
    ) {
        let (distinct, middle) = Self.medians(of: points)
        (xs, medians, penalty) = (distinct, middle, knotPenalty)
        curve = Self.curve(distinct, Self.isotonic(middle), knotPenalty)
    }

    /// The same knots without the monotone step, to tell what monotonicity costs.
    var unconstrained: PiecewiseLinear { Self.curve(xs, medians, penalty) }

    private static func curve(
        _ xs: [Double], _ values: [Double], _ penalty: Double
    ) -> PiecewiseLinear {
        let knots = knots(xs, values, penalty)
        return PiecewiseLinear(xs: knots.map { xs[$0] }, ys: knots.map { values[$0] })
    }

    private static func medians(
        of points: [(x: Double, y: Double)]
    ) -> (xs: [Double], ys: [Double]) {
        let sorted = points.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
        var (xs, ys): ([Double], [Double]) = ([], [])
        var start = 0
        while start < sorted.count {
            var end = start
            while end < sorted.count, sorted[end].x == sorted[start].x { end += 1 }
            let middle = (start + end) / 2
            let odd = (end - start) % 2 == 1
            xs.append(sorted[start].x)
            ys.append(odd ? sorted[middle].y : (sorted[middle - 1].y + sorted[middle].y) / 2)
            start = end
        }
        return (xs, ys)
    }

    /// Isotonic regression by pooling adjacent violators.
    static func isotonic(_ ys: [Double]) -> [Double] {
        var pools: [Pool] = []
        for y in ys {
            pools.append(Pool(y))
            while pools.count > 1, pools[pools.count - 2].middle > pools[pools.count - 1].middle {
                let later = pools.removeLast()
                pools[pools.count - 1].add(later)
            }
        }
        return pools.flatMap { Array(repeating: $0.middle, count: $0.times.count) }
    }

    /// Indices of the best knots, first and last point always among them.
    private static func knots(_ xs: [Double], _ ys: [Double], _ penalty: Double) -> [Int] {
        let count = xs.count
        guard count > 2 else { return Array(0..<count) }
        let moments = RelativeMoments(xs, ys)
        var best = [Double](repeating: .infinity, count: count)
        var previous = [Int](repeating: 0, count: count)
        best[0] = 0
        for end in 1..<count {
            for start in 0..<end {
                let cost = best[start] + moments.error(from: start, to: end) + penalty
                if cost < best[end] { (best[end], previous[end]) = (cost, start) }
            }
        }
        var path = [count - 1]
        while let head = path.last, head > 0 { path.append(previous[head]) }
        return path.reversed()
    }
}

/// Times that a rising function meets at one height.
private struct Pool {
    /// In order of length.
    private(set) var times: [Double]
    /// Their median weighted by 1/y, for which the sum of relative errors is least; interpolated
    /// between the two times at the middle of the weights.
    private(set) var middle: Double

    init(_ time: Double) { (times, middle) = ([time], time) }

    mutating func add(_ other: Self) {
        times = (times + other.times).sorted()
        let half = times.reduce(0) { $0 + 1 / $1 } / 2
        // Weights up to the centre of the time before, and up to its end.
        var (before, sum) = (0.0, 0.0)
        var shorter = times[0]
        for time in times {
            let centre = sum + 0.5 / time
            guard centre < half else {
                middle = shorter + (time - shorter) * (half - before) / (centre - before)
                return
            }
            (before, sum, shorter) = (centre, sum + 1 / time, time)
        }
        middle = shorter
    }
}

/// Prefix sums that give the squared relative error of any chord in constant time.
private struct RelativeMoments {
    let xs: [Double]
    let ys: [Double]
    var sums: [SIMD8<Double>] = [.zero]

    init(_ xs: [Double], _ ys: [Double]) {
        let scale = xs.last.map { $0 > 0 ? 1 / $0 : 1 } ?? 1
        self.xs = xs.map { $0 * scale }
        self.ys = ys
        var total = SIMD8<Double>.zero
        for (x, y) in zip(self.xs, ys) {
            let weight = 1 / (y * y)
            total += SIMD8(weight, weight * x, weight * x * x, 1 / y, x / y, 1, 0, 0)
            sums.append(total)
        }
    }

    /// Sum over the points strictly between two knots of ((chord − y) / y)².
    func error(from start: Int, to end: Int) -> Double {
        guard end - start > 1 else { return 0 }
        let slope = (ys[end] - ys[start]) / (xs[end] - xs[start])
        let intercept = ys[start] - slope * xs[start]
        let inside = sums[end] - sums[start + 1]
        let squares =
            intercept * intercept * inside[0] + 2 * intercept * slope * inside[1]
            + slope * slope * inside[2]
        return max(0, squares - 2 * (intercept * inside[3] + slope * inside[4]) + inside[5])
    }
}
