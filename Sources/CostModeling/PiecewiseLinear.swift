/// A continuous piecewise-linear function given by its knots.
///
/// Below the first knot the value is held (a step never takes less than its smallest measured
/// one); above the last knot the slope of the last piece goes on. `covers` tells whether a point
/// lies inside the knots.
public struct PiecewiseLinear: Hashable, Sendable {
    /// Abscissae, strictly increasing; at least one.
    public let xs: [Double]
    /// Values at `xs`.
    public let ys: [Double]
    /// The same for many evaluations; empty before `compiled()`.
    private var pieces: [Piece] = []
    /// Where to look for a piece; nil where bisection is as fast.
    private var directory: KnotDirectory?

    /// What a value is computed from, in one place of memory and without a division.
    private struct Piece: Hashable {
        let x: Double
        let y: Double
        let slope: Double
    }

    /// - Precondition: `xs` is not empty, strictly increasing and as long as `ys`.
    public init(xs: [Double], ys: [Double]) {
        precondition(!xs.isEmpty && xs.count == ys.count, "knots need one value each")
        precondition(zip(xs, xs.dropFirst()).allSatisfy(<), "knots must increase")
        self.xs = xs
        self.ys = ys
    }

    /// The same function, for many evaluations.
    func compiled() -> Self {
        var copy = self
        copy.directory = KnotDirectory(xs)
        copy.pieces = xs.indices.dropLast().map { low in
            Piece(
                x: xs[low], y: ys[low], slope: (ys[low + 1] - ys[low]) / (xs[low + 1] - xs[low]))
        }
        return copy
    }

    public static func constant(_ value: Double) -> Self { Self(xs: [0], ys: [value]) }

    /// The line `intercept + slope * x` from zero upwards.
    public static func line(intercept: Double, slope: Double) -> Self {
        Self(xs: [0, 1], ys: [intercept, intercept + slope])
    }

    @inline(__always)
    public func callAsFunction(_ x: Double) -> Double {
        let last = xs.count - 1
        guard x > xs[0], last > 0 else { return ys[0] }
        let low = x >= xs[last] ? last - 1 : directory.piece(holding: x, of: xs)
        if low < pieces.count {
            let piece = pieces[low]
            return piece.y + (x - piece.x) * piece.slope
        }
        let share = (x - xs[low]) / (xs[low + 1] - xs[low])
        return ys[low] + share * (ys[low + 1] - ys[low])
    }

    /// Whether `x` lies between the first and the last knot.
    public func covers(_ x: Double) -> Bool { x >= xs[0] && x <= xs[xs.count - 1] }

    public var lastKnot: Double { xs[xs.count - 1] }

    public func scaled(by factor: Double) -> Self {
        Self(xs: xs, ys: ys.map { $0 * factor })
    }

    /// The exact sum: linear between the union of both sets of knots.
    public static func + (lhs: Self, rhs: Self) -> Self {
        let union = mergedKnots(lhs.xs, rhs.xs)
        return Self(xs: union, ys: union.map { lhs($0) + rhs($0) })
    }

    /// Nowhere between its first and last knot above `limit`, with a knot wherever they cross.
    public func capped(by limit: Self) -> Self {
        let range = xs[0]...lastKnot
        let knots = mergedKnots(xs, limit.xs.filter(range.contains))
        var capped = [knots[0]]
        for (low, high) in zip(knots, knots.dropFirst()) {
            let (before, after) = (self(low) - limit(low), self(high) - limit(high))
            if before * after < 0 {
                let crossing = low + (high - low) * before / (before - after)
                if crossing > low, crossing < high { capped.append(crossing) }
            }
            capped.append(high)
        }
        return Self(xs: capped, ys: capped.map { Swift.min(self($0), limit($0)) })
    }
}

/// Both lists in order, without repetition.
private func mergedKnots(_ lhs: [Double], _ rhs: [Double]) -> [Double] {
    var merged: [Double] = []
    var (i, j) = (0, 0)
    while i < lhs.count || j < rhs.count {
        let next =
            j == rhs.count || (i < lhs.count && lhs[i] <= rhs[j]) ? lhs[i] : rhs[j]
        if i < lhs.count, lhs[i] == next { i += 1 }
        if j < rhs.count, rhs[j] == next { j += 1 }
        merged.append(next)
    }
    return merged
}
