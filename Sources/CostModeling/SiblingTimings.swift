public import ServingDomain

/// Timings of operators with one axis, with what single shapes lack.
///
/// A point between two others of its shape is not simply on their chord: where kernels change, they do so
/// at the same number of tokens for shapes of the same kind. What those that are most like it lie above or
/// below their own chords there, by the median, that much does the shape. Alike are those whose times have
/// the most even ratio to its own at the points around, whatever their dimensions: they have its kernels.
/// Tables whose shapes have the same points stay as they are.
struct SiblingTimings {
    /// Fewest and most shapes that a point is taken from.
    private static let count = 3...5
    /// Points of the shape on either side of a gap by which others are compared with it.
    private static let reach = 4

    private struct Member {
        let shape: OperatorShape
        let dimensions: [Int]
        let times: [Int: Double]
    }

    /// In the order of their records.
    private var families: [OperatorFamily: [Member]] = [:]
    /// Every point of a family, in order.
    private var points: [OperatorFamily: [Int]] = [:]

    /// - Parameter groups: timings by shape.
    init(_ groups: [OperatorShape: [TimingSample]]) {
        let ordered = groups.keys.map { (shape: $0, key: $0.record.sortKey) }
            .sorted { $0.key < $1.key }.map(\.shape)
        for shape in ordered {
            guard let family = OperatorFamily(shape), let samples = groups[shape] else { continue }
            let times = Dictionary(grouping: samples, by: \.point.x)
                .mapValues { $0.map(\.nanoseconds).median }
            families[family, default: []].append(
                Member(shape: shape, dimensions: shape.record.dimensions, times: times))
        }
        points = families.mapValues { members in
            Set(members.flatMap { Array($0.times.keys) }).sorted()
        }
    }

    /// Points that a shape lacks between its own and enough siblings have, each with its time.
    func missing(_ shape: OperatorShape) -> [TimingSample] {
        guard let family = OperatorFamily(shape), let members = families[family],
            let own = members.first(where: { $0.shape == shape })
        else { return [] }
        let xs = own.times.keys.sorted()
        let gaps = (points[family] ?? []).filter { x in
            own.times[x] == nil && xs.first.map { $0 < x } ?? false
                && xs.last.map { x < $0 } ?? false
        }
        return gaps.compactMap { x in
            time(at: x, between: xs, of: own, among: members).map {
                TimingSample(shape: shape, point: OperatorPoint(x: x), nanoseconds: $0)
            }
        }
    }

    /// Nanoseconds at a point between those that a shape has; nil where too few others have it.
    private func time(
        at x: Int, between xs: [Int], of own: Member, among family: [Member]
    ) -> Double? {
        guard let above = xs.firstIndex(where: { $0 > x }), above > 0 else { return nil }
        let (low, high) = (xs[above - 1], xs[above])
        let around = xs[max(0, above - Self.reach)..<min(xs.count, above + Self.reach)]
        let bends = siblings(of: own, in: family, having: [low, x, high], likeAt: around)
            .compactMap { times in
                times[x].flatMap { time in times.chord(x, low, high).map { time / $0 } }
            }.prefix(Self.count.upperBound)
        guard bends.count >= Self.count.lowerBound else { return nil }
        return own.times.chord(x, low, high).map { $0 * Array(bends).median }
    }

    /// Times of the others of a family that have some points, those first that are most like the shape at
    /// others.
    private func siblings(
        of own: Member, in family: [Member], having points: [Int], likeAt xs: ArraySlice<Int>
    ) -> [[Int: Double]] {
        let able = family.filter { member in
            member.shape != own.shape && points.allSatisfy { member.times[$0] != nil }
        }
        let ranked = able.enumerated().map { place, member in
            (
                place: place, spread: own.times.spread(beside: member.times, at: xs),
                distance: distance(own.dimensions, member.dimensions)
            )
        }
        return ranked.sorted {
            ($0.spread, $0.distance, $0.place) < ($1.spread, $1.distance, $1.place)
        }.map { able[$0.place].times }
    }

    /// Product of the ratios of all dimensions, each at least 1.
    private func distance(_ lhs: [Int], _ rhs: [Int]) -> Double {
        zip(lhs, rhs).reduce(1) { product, pair in
            let (small, large) = (max(1, min(pair.0, pair.1)), max(1, max(pair.0, pair.1)))
            return product * Double(large) / Double(small)
        }
    }
}

/// Operators with one axis that differ in their dimensions alone.
public struct OperatorFamily: Hashable, Sendable {
    private let kind: String
    private let format: String
    private let variant: String

    /// Nil for operators with two axes.
    public init?(_ shape: OperatorShape) {
        let record = shape.record
        guard OperatorRecord.axisNames(of: record.kind).count == 1 else { return nil }
        (kind, format, variant) = (record.kind, record.format, record.variant)
    }
}

extension [Int: Double] {
    /// How far times are from a fixed ratio to these: the variance of the ratio over the square of its mean,
    /// at those points that both have; infinite for fewer than three.
    fileprivate func spread(beside other: Self, at xs: ArraySlice<Int>) -> Double {
        var (sum, squares, count) = (0.0, 0.0, 0.0)
        for x in xs {
            guard let own = self[x], let time = other[x] else { continue }
            let ratio = time / own
            sum += ratio
            squares += ratio * ratio
            count += 1
        }
        return count < 3 ? .infinity : Swift.max(0, squares * count / (sum * sum) - 1)
    }

    /// The value at `x` on the line through those at two others; nil without both, or where it is not above 0.
    fileprivate func chord(_ x: Int, _ low: Int, _ high: Int) -> Double? {
        guard let first = self[low], let last = self[high] else { return nil }
        let chord = first + (last - first) * Double(x - low) / Double(high - low)
        return chord > 0 ? chord : nil
    }
}

extension [Double] {
    /// The middle one, or the mean of the two in the middle.
    ///
    /// - Precondition: it is not empty.
    fileprivate var median: Double {
        let sorted = sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2)
            ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
