/// Timings over two axes, with what a grid lacks.
///
/// A point between two others of its `x` is not simply on their chord: where kernels change, they do so
/// at the same `y` for neighbouring `x`. What the neighbours lie above or below their own chords, by the
/// geometric mean of both, that much does the point.
struct TimingGrid {
    typealias Point = (x: Double, y: Double, time: Double)

    private let points: [Point]
    /// Mean time by `x` and `y`.
    private var times: [Double: [Double: Double]] = [:]
    private let xs: [Double]
    /// The `y` of each `x`, in order.
    private var ys: [Double: [Double]] = [:]

    init(_ points: [Point]) {
        self.points = points
        var sums: [Double: [Double: (sum: Double, count: Double)]] = [:]
        for point in points {
            let known = sums[point.x]?[point.y] ?? (0, 0)
            sums[point.x, default: [:]][point.y] = (known.sum + point.time, known.count + 1)
        }
        for (x, column) in sums {
            times[x] = column.mapValues { $0.sum / $0.count }
            ys[x] = column.keys.sorted()
        }
        xs = sums.keys.sorted()
    }

    /// The points, and those that a column lacks and both neighbours have.
    var completed: [Point] {
        points
            + xs.indices.dropFirst().dropLast().flatMap { place -> [Point] in
                let (before, x, behind) = (xs[place - 1], xs[place], xs[place + 1])
                guard let own = times[x], let left = ys[before], let right = times[behind] else {
                    return []
                }
                return left.filter { own[$0] == nil && right[$0] != nil }.compactMap { y in
                    time(at: x, y, between: before, behind).map { (x, y, $0) }
                }
            }
    }

    /// The completed points, made to rise along the first axis: more work never takes less time.
    ///
    /// Where times fall they keep to their median, as those of a `MonotoneFit` do, so that the long ones of one
    /// kernel do not lift all others behind them. A column without one of the points of another has it on
    /// its chord, or the lines would not have the same columns. Repeats become one point.
    var rising: [Point] {
        let whole = Self(completed)
        let values = Set(whole.ys.values.flatMap(\.self)).sorted()
        return values.flatMap { y in
            let line = whole.xs.compactMap { x in whole.onChord(x, y).map { (x: x, time: $0) } }
            return zip(line, MonotoneFit.isotonic(line.map(\.time))).map { ($0.x, y, $1) }
        }
    }

    /// The time of a point, or that of the chord around it; nil beyond the ends of the column.
    private func onChord(_ x: Double, _ y: Double) -> Double? {
        if let time = times[x]?[y] { return time }
        guard let column = ys[x], let above = column.firstIndex(where: { $0 > y }), above > 0 else {
            return nil
        }
        return chord(x, y, column[above - 1], column[above])
    }

    private func time(
        at x: Double, _ y: Double, between before: Double, _ behind: Double
    ) -> Double? {
        guard let column = ys[x], let above = column.firstIndex(where: { $0 > y }), above > 0 else {
            return nil
        }
        let (low, high) = (column[above - 1], column[above])
        guard let own = chord(x, y, low, high), let first = bend(before, y, low, high),
            let second = bend(behind, y, low, high)
        else { return nil }
        return own * (first * second).squareRoot()
    }

    /// Time over the chord of the same ends.
    private func bend(_ x: Double, _ y: Double, _ low: Double, _ high: Double) -> Double? {
        guard let time = times[x]?[y], let chord = chord(x, y, low, high), chord > 0 else {
            return nil
        }
        return time / chord
    }

    private func chord(_ x: Double, _ y: Double, _ low: Double, _ high: Double) -> Double? {
        guard let start = times[x]?[low], let end = times[x]?[high] else { return nil }
        return start + (end - start) * (y - low) / (high - low)
    }
}
