public import ServingDomain

/// Timings of operators of one kind, with what single shapes lack.
///
/// A point between two others of its shape is not simply on their chord: where kernels change, they do so
/// at the same place for shapes of the same kind. What those that are most like it lie above or
/// below their own chords there, by the median, that much does the shape. Alike are those whose times have
/// the most even ratio to its own at the points around, whatever their dimensions: they have its kernels.
/// While an expert gets few tokens those come first that have as many experts, and as many of them for a token.
/// Of two axes chords are along the second. Tables whose shapes have the same points stay as they are.
struct SiblingTimings {
    /// Fewest and most shapes that a point is taken from.
    private static let count = 3...5
    /// Points of the shape on either side of a gap by which others are compared with it.
    private static let reach = 4
    /// Columns on either side, of two axes, whose points count too.
    private static let columnReach = 2

    private struct Key: Hashable {
        let family: OperatorFamily
        /// Whether the second axis was timed.
        let isPlane: Bool
    }

    private var families: [Key: SiblingFamily] = [:]
    private var keys: [OperatorShape: Key] = [:]

    /// - Parameter groups: timings by shape.
    init(_ groups: [OperatorShape: [TimingSample]]) {
        let ordered = groups.keys.map { (shape: $0, key: $0.record.sortKey) }
            .sorted { $0.key < $1.key }.map(\.shape)
        var members: [Key: [OperatorShape]] = [:]
        for shape in ordered {
            guard let samples = groups[shape] else { continue }
            let key = Key(
                family: OperatorFamily(shape), isPlane: samples.contains { $0.point.y != 0 })
            keys[shape] = key
            members[key, default: []].append(shape)
        }
        families = Dictionary(
            uniqueKeysWithValues: members.map { key, shapes in
                (key, SiblingFamily(shapes, groups, isPlane: key.isPlane))
            })
    }

    /// Points that a shape lacks between its own and enough siblings have, each with its time.
    func missing(_ shape: OperatorShape) -> [TimingSample] {
        guard let key = keys[shape], let family = families[key],
            family.members.count > Self.count.lowerBound,
            let own = family.places[shape]
        else { return [] }
        let present = family.present(own)
        let columns = present.indices.filter { present[$0].count > 1 }
        return columns.enumerated().flatMap { place, column in
            let around = columns[
                max(0, place - Self.columnReach)...min(columns.count - 1, place + Self.columnReach)]
            return family.gaps(of: own, inColumn: column, between: present[column]).compactMap {
                gap in
                let compared = around.flatMap { near in
                    let above = present[near].firstIndex { $0 > gap.at } ?? present[near].count
                    return present[near][
                        max(0, above - Self.reach)..<min(present[near].count, above + Self.reach)
                    ].map { family.index(near, $0) }
                }
                return time(at: gap, of: own, in: family, comparedAt: compared).map { time in
                    TimingSample(
                        shape: shape, point: family.point(column, gap.at),
                        nanoseconds: time)
                }
            }
        }
    }

    /// Nanoseconds at a gap; nil where too few others have it.
    private func time(
        at gap: SiblingFamily.Gap, of own: Int, in family: SiblingFamily, comparedAt places: [Int]
    ) -> Double? {
        var alike: [Sibling] = []
        for member in family.members.indices
        where member != own && family.members[member].has(gap.whole, gap.before, gap.behind) {
            let sibling = Sibling(
                member: member, isRoutedElse: family.isRoutedElse(member, than: own, at: gap),
                spread: family.members[own].spread(beside: family.members[member], at: places))
            func isCloser(than other: Sibling) -> Bool {
                guard sibling.order == other.order else { return sibling.order < other.order }
                return family.distance(own, member) < family.distance(own, other.member)
            }
            if alike.count == Self.count.upperBound {
                guard isCloser(than: alike[alike.count - 1]) else { continue }
                alike.removeLast()
            }
            alike.insert(sibling, at: alike.firstIndex(where: isCloser(than:)) ?? alike.count)
        }
        guard alike.count >= Self.count.lowerBound else { return nil }
        let bends = alike.map { family.bend(of: $0.member, at: gap) }
        return family.chord(of: own, at: gap) * bends.median
    }
}

/// A shape that may tell what another lacks.
private struct Sibling {
    let member: Int
    /// Whether its tokens go to other experts, where that counts.
    let isRoutedElse: Bool
    /// How uneven its ratio to the other is.
    let spread: Double

    var order: (Int, Double) { (isRoutedElse ? 1 : 0, spread) }
}

/// Timings of shapes that differ in their dimensions alone, on the points that any of them has.
private struct SiblingFamily {
    /// How tokens find their experts.
    struct Routing: Hashable {
        let experts: Int
        let perToken: Int

        /// Tokens of an expert up to which the time of a block says how many experts have any at all.
        static let few = 4

        init?(_ shape: OperatorShape) {
            guard case .experts(let shape) = shape else { return nil }
            (experts, perToken) = (shape.experts, shape.expertsPerToken)
        }

        func givesFew(_ tokens: Int) -> Bool { tokens * perToken < Self.few * experts }
    }

    struct Member {
        let dimensions: [Int]
        let routing: Routing?
        /// Nanoseconds by place; 0 where there are none.
        var times: [Double]

        func has(_ one: Int, _ two: Int, _ three: Int) -> Bool {
            times[one] > 0 && times[two] > 0 && times[three] > 0
        }

        /// How far times are from a fixed ratio to these: the variance of the ratio over the square of its
        /// mean, at those places that both have; infinite for fewer than three.
        func spread(beside other: Self, at places: [Int]) -> Double {
            var (sum, squares, count) = (0.0, 0.0, 0.0)
            for place in places where other.times[place] > 0 && times[place] > 0 {
                let ratio = other.times[place] / times[place]
                sum += ratio
                squares += ratio * ratio
                count += 1
            }
            return count < 3 ? .infinity : Swift.max(0, squares * count / (sum * sum) - 1)
        }
    }

    /// A point that a shape lacks, between two that it has.
    struct Gap {
        /// Index of the second axis, or of the only one.
        let at: Int
        /// Places of the gap and of the points around it.
        let whole: Int
        let before: Int
        let behind: Int
        /// How far the gap is from the point before it to the one behind.
        let share: Double
    }

    /// In the order of their records.
    private(set) var members: [Member] = []
    /// Where each shape is among them.
    private(set) var places: [OperatorShape: Int] = [:]
    private let isPlane: Bool
    /// Values of the first of two axes; a single one of one axis.
    private let columns: [Int]
    /// Values of the second of two axes, or of the only one.
    private let values: [Int]

    init(_ shapes: [OperatorShape], _ groups: [OperatorShape: [TimingSample]], isPlane: Bool) {
        let samples = shapes.map { groups[$0] ?? [] }
        self.isPlane = isPlane
        columns = isPlane ? Set(samples.flatMap { $0.map(\.point.x) }).sorted() : [0]
        values = Set(samples.flatMap { $0.map { isPlane ? $0.point.y : $0.point.x } }).sorted()
        let columnPlaces = Dictionary(uniqueKeysWithValues: zip(columns, columns.indices))
        let valuePlaces = Dictionary(uniqueKeysWithValues: zip(values, values.indices))
        for (shape, own) in zip(shapes, samples) {
            var member = Member(
                dimensions: shape.record.dimensions, routing: Routing(shape),
                times: Array(repeating: 0, count: columns.count * values.count))
            for (point, repeats) in Dictionary(grouping: own, by: \.point) {
                guard let column = columnPlaces[isPlane ? point.x : 0],
                    let value = valuePlaces[isPlane ? point.y : point.x]
                else { continue }
                member.times[column * values.count + value] = repeats.map(\.nanoseconds).median
            }
            places[shape] = members.count
            members.append(member)
        }
    }

    func index(_ column: Int, _ value: Int) -> Int { column * values.count + value }

    func point(_ column: Int, _ value: Int) -> OperatorPoint {
        isPlane
            ? OperatorPoint(x: columns[column], y: values[value]) : OperatorPoint(x: values[value])
    }

    /// Indices of the values that a shape has, for each column.
    func present(_ member: Int) -> [[Int]] {
        columns.indices.map { column in
            values.indices.filter { members[member].times[index(column, $0)] > 0 }
        }
    }

    /// What a shape lacks in a column between values that it has.
    func gaps(of member: Int, inColumn column: Int, between present: [Int]) -> [Gap] {
        zip(present, present.dropFirst()).flatMap { low, high in
            (low + 1..<max(low + 1, high)).map { at in
                Gap(
                    at: at, whole: index(column, at), before: index(column, low),
                    behind: index(column, high),
                    share: Double(values[at] - values[low]) / Double(values[high] - values[low]))
            }
        }
    }

    /// The time at a gap on the line through those around it, all of them above 0.
    func chord(of member: Int, at gap: Gap) -> Double {
        let times = members[member].times
        return times[gap.before] + (times[gap.behind] - times[gap.before]) * gap.share
    }

    /// The time at what is a gap of another over this one's chord.
    func bend(of member: Int, at gap: Gap) -> Double {
        members[member].times[gap.whole] / chord(of: member, at: gap)
    }

    /// Whether a shape has other experts than another, and the tokens of a gap are so few that it counts.
    func isRoutedElse(_ member: Int, than own: Int, at gap: Gap) -> Bool {
        guard let routing = members[own].routing, routing.givesFew(values[gap.at]) else {
            return false
        }
        return routing != members[member].routing
    }

    /// Product of the ratios of all dimensions, each at least 1.
    func distance(_ lhs: Int, _ rhs: Int) -> Double {
        zip(members[lhs].dimensions, members[rhs].dimensions).reduce(1) { product, pair in
            let (small, large) = (max(1, min(pair.0, pair.1)), max(1, max(pair.0, pair.1)))
            return product * Double(large) / Double(small)
        }
    }
}

/// Operators that differ in their dimensions alone.
public struct OperatorFamily: Hashable, Sendable {
    private let kind: String
    private let format: String
    private let variant: String

    public init(_ shape: OperatorShape) {
        let record = shape.record
        (kind, format, variant) = (record.kind, record.format, record.variant)
    }
}

extension [Double] {
    /// The middle one, or the mean of the two in the middle.
    ///
    /// - Precondition: it is not empty.
    var median: Double {
        let sorted = sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2)
            ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
