import ServingDomain

/// Timings of operators with one axis, with what single shapes lack.
///
/// A point between two others of its shape is not simply on their chord: where kernels change, they do so
/// at the same number of tokens for shapes of the same kind. What the nearest of them lie above or below
/// their own chords there, by the median, that much does the shape. Tables whose shapes have the same
/// points stay as they are.
struct SiblingTimings {
    /// Shapes that are asked at most, and at least.
    private static let count = 3...5

    private let times: [OperatorShape: [Int: Double]]
    /// Shapes of one kind, format and variant, in the order of their records.
    private let families: [Family: [Member]]

    private struct Family: Hashable {
        let kind: String
        let format: String
        let variant: String

        init(_ record: OperatorRecord) {
            (kind, format, variant) = (record.kind, record.format, record.variant)
        }
    }

    private struct Member {
        let shape: OperatorShape
        let dimensions: [Int]
    }

    /// - Parameter groups: timings by shape.
    init(_ groups: [OperatorShape: [TimingSample]]) {
        let single = groups.filter { OperatorRecord.axisNames(of: $0.key.record.kind).count == 1 }
        times = single.mapValues { samples in
            Dictionary(grouping: samples, by: \.point.x).mapValues { $0.map(\.nanoseconds).median }
        }
        let ordered = single.keys.map { (shape: $0, record: $0.record) }
            .sorted { $0.record.sortKey < $1.record.sortKey }
        families = Dictionary(grouping: ordered) { Family($0.record) }.mapValues { members in
            members.map { Member(shape: $0.shape, dimensions: $0.record.dimensions) }
        }
    }

    /// Points that a shape lacks between its own and enough siblings have, each with its time.
    func missing(_ shape: OperatorShape) -> [TimingSample] {
        guard let own = times[shape], let family = families[Family(shape.record)],
            family.count > Self.count.lowerBound
        else { return [] }
        let xs = own.keys.sorted()
        let near = siblings(of: shape, in: family)
        return zip(xs, xs.dropFirst()).flatMap { low, high in
            bends(between: low, high, near).compactMap { x, bends in
                guard bends.count >= Self.count.lowerBound, let chord = own.chord(x, low, high)
                else { return nil }
                return TimingSample(
                    shape: shape, point: OperatorPoint(x: x), nanoseconds: chord * bends.median)
            }
        }
    }

    /// The others of the family, the nearest first.
    private func siblings(of shape: OperatorShape, in family: [Member]) -> [[Int: Double]] {
        let own = shape.record.dimensions
        let ranked = family.enumerated().filter { $0.element.shape != shape }
            .map { (place: $0.offset, distance: distance(own, $0.element.dimensions)) }
            .sorted { ($0.distance, $0.place) < ($1.distance, $1.place) }
        return ranked.compactMap { times[family[$0.place].shape] }
    }

    /// By point between two others, what the nearest siblings that have all three lie above their chord.
    private func bends(
        between low: Int, _ high: Int, _ siblings: [[Int: Double]]
    ) -> [(x: Int, bends: [Double])] {
        var found: [Int: [Double]] = [:]
        for times in siblings where times[low] != nil && times[high] != nil {
            for (x, time) in times where low < x && x < high {
                guard found[x, default: []].count < Self.count.upperBound,
                    let chord = times.chord(x, low, high)
                else { continue }
                found[x, default: []].append(time / chord)
            }
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Product of the ratios of all dimensions, each at least 1.
    private func distance(_ lhs: [Int], _ rhs: [Int]) -> Double {
        zip(lhs, rhs).reduce(1) { product, pair in
            let (small, large) = (max(1, min(pair.0, pair.1)), max(1, max(pair.0, pair.1)))
            return product * Double(large) / Double(small)
        }
    }
}

extension [Int: Double] {
    /// The value at `x` on the line through those at two others; nil where it is not above 0.
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
