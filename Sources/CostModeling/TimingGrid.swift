/// Timings over two axes, with what a grid lacks.
///
/// A point between two others of its `x` is not simply on their chord: where kernels change, they do so
/// at the same `y` for neighbouring `x`. What the neighbours lie above or below their own chords, by the
/// geometric mean of both, that much does the point.
struct TimingGrid {
    typealias Point = (x: Double, y: Double, time: Double)

    private let points: [Point]
    /// Median time by `x` and `y`.
    private var times: [Double: [Double: Double]] = [:]
    private let xs: [Double]
    /// The `y` of each `x`, in order.
    private var ys: [Double: [Double]] = [:]

    init(_ points: [Point]) {
        self.points = points
        for (x, column) in Dictionary(grouping: points, by: \.x) {
            times[x] = Dictionary(grouping: column, by: \.y).mapValues { $0.map(\.time).median }
            ys[x] = times[x]?.keys.sorted()
        }
        xs = times.keys.sorted()
    }

    /// The points, and those that a column lacks and others on both sides have.
    var completed: [Point] {
        let values = Set(ys.values.flatMap(\.self)).sorted()
        return points
            + xs.indices.flatMap { place -> [Point] in
                guard let own = times[xs[place]] else { return [] }
                return values.filter { own[$0] == nil }.compactMap { y in
                    time(at: place, y).map { (xs[place], y, $0) }
                }
            }
    }

    /// The completed points, made to rise along the first axis: more work never takes less time.
    ///
    /// Where times fall they keep to their median, as those of a `MonotoneFit` do, so that the long ones of one
    /// kernel do not lift all others behind them. Repeats become one point.
    var rising: [Point] {
        let whole = Self(completed)
        let lines = Dictionary(
            grouping: whole.xs.flatMap { x in (whole.ys[x] ?? []).map { (x: x, y: $0) } }, by: \.y)
        return lines.flatMap { y, line in
            let times = line.map { whole.times[$0.x]?[y] ?? 0 }
            return zip(line, MonotoneFit.isotonic(times)).map { ($0.x, y, $1) }
        }
    }

    /// The time of a point that a column lacks; nil beyond its ends, or without the nearest others on both sides
    /// that have the point and those around it.
    private func time(at place: Int, _ y: Double) -> Double? {
        let x = xs[place]
        guard let column = ys[x], let above = column.firstIndex(where: { $0 > y }), above > 0 else {
            return nil
        }
        let (low, high) = (column[above - 1], column[above])
        guard let own = chord(x, y, low, high),
            let first = xs[..<place].reversed().lazy.compactMap({ bend($0, y, low, high) }).first,
            let second = xs[(place + 1)...].lazy.compactMap({ bend($0, y, low, high) }).first
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
