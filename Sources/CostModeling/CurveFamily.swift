/// A function of two variables: a piecewise-linear curve in `y` at each of several `x`.
///
/// Between two members the value is linear in `x` at equal `y`; above the last member the slope
/// between the last two goes on; below the first it is held.
public struct CurveFamily: Hashable, Sendable {
    /// Strictly increasing; at least one.
    public let xs: [Double]
    /// The curve in `y` at each of `xs`.
    public let members: [PiecewiseLinear]
    /// Where to look for the members on both sides; nil where bisection is as fast.
    private var directory: KnotDirectory?
    /// One over the width of each gap between `xs`; empty before `compiled()`.
    private var perWidth: [Double] = []

    /// - Precondition: `xs` is not empty, strictly increasing and as long as `members`.
    public init(xs: [Double], members: [PiecewiseLinear]) {
        precondition(!xs.isEmpty && xs.count == members.count, "one curve for each x")
        precondition(zip(xs, xs.dropFirst()).allSatisfy(<), "members must increase")
        self.xs = xs
        self.members = members
    }

    @inline(__always)
    public func callAsFunction(_ x: Double, _ y: Double) -> Double {
        let last = xs.count - 1
        guard x > xs[0], last > 0 else { return members[0](y) }
        let low = x >= xs[last] ? last - 1 : directory.piece(holding: x, of: xs)
        let below = members[low](y)
        let share =
            low < perWidth.count
            ? (x - xs[low]) * perWidth[low] : (x - xs[low]) / (xs[low + 1] - xs[low])
        return below + share * (members[low + 1](y) - below)
    }

    /// Whether the point lies inside both neighbouring members.
    public func covers(_ x: Double, _ y: Double) -> Bool {
        guard x >= xs[0], x <= xs[xs.count - 1] else { return false }
        let high = xs.firstIndex { $0 >= x } ?? xs.count - 1
        let low = xs[high] == x ? high : max(0, high - 1)
        return members[low].covers(y) && members[high].covers(y)
    }

    /// The same function, for many evaluations.
    func compiled() -> Self {
        var copy = Self(xs: xs, members: members.map { $0.compiled() })
        copy.directory = KnotDirectory(xs)
        copy.perWidth = zip(xs, xs.dropFirst()).map { 1 / ($1 - $0) }
        return copy
    }

    public func scaled(by factor: Double) -> Self {
        Self(xs: xs, members: members.map { $0.scaled(by: factor) })
    }

    /// Fits a monotone curve at each `x`, each of them nowhere below its predecessor where both were timed.
    ///
    /// - Parameters:
    ///   - points: timings; at least one, each above 0.
    ///   - knotPenalty: squared relative error that one more knot must save.
    ///   - isRising: whether falls along the first axis keep to their median; else the long times of one `x`
    ///     lift those behind it.
    /// - Returns: the family.
    static func fit(
        _ points: [(x: Double, y: Double, time: Double)], knotPenalty: Double, isRising: Bool = true
    ) -> Self {
        var xs: [Double] = []
        var members: [PiecewiseLinear] = []
        let grid = TimingGrid(points)
        let sorted = (isRising ? grid.rising : grid.completed)
            .sorted { ($0.x, $0.y) < ($1.x, $1.y) }
        var start = 0
        while start < sorted.count {
            let x = sorted[start].x
            let end = sorted[start...].firstIndex { $0.x != x } ?? sorted.count
            let own = MonotoneFit(
                sorted[start..<end].map { ($0.y, $0.time) }, knotPenalty: knotPenalty
            ).curve
            xs.append(x)
            members.append(members.last.map { own.raised(to: $0) } ?? own)
            start = end
        }
        return Self(xs: xs, members: members)
    }
}

extension PiecewiseLinear {
    /// The same curve, nowhere below another between its ends: that one's knots are its own where they are above it.
    fileprivate func raised(to floor: Self) -> Self {
        let (first, last) = (xs[0], xs[xs.count - 1])
        let above = floor.xs.filter { first < $0 && $0 < last && floor($0) > self($0) }
        let knots = Set(xs + above).sorted()
        return Self(xs: knots, ys: knots.map { max(self($0), floor($0)) })
    }
}
