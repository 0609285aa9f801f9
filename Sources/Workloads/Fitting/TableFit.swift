import ServingDomain

/// A sample as a table of quantiles: what is left where no law comes near enough.
struct TableFit {
    /// Most relative error of a value between two points of the table.
    private static let valueTolerance = 0.01
    /// Most error of a probability there.
    private static let probabilityTolerance = 0.002
    /// Behind this probability each of many values has the same weight.
    private static let tail = 0.97
    /// More values are many.
    private static let few = 100.0

    private struct Point: Equatable {
        var probability: Double
        var value: Double
    }

    private let all: [Point]
    private let slack: Double

    /// The points through the order statistics.
    ///
    /// The one of rank i of n, counted from 0, is at probability i / (n − 1), which gives the sample's
    /// percentiles; in the tail of many values at (i + ½) / n, which gives its mean.
    init(_ sample: FittingSample) {
        let n = sample.count
        func place(_ rank: Double) -> Double {
            let plain = rank / max(1, n - 1)
            return n <= Self.few || plain <= Self.tail ? plain : (rank + 0.5) / n
        }
        var points = [Point(probability: 0, value: sample.values[0].value)]
        var rank = 0.0
        for (value, weight) in sample.values {
            points.append(Point(probability: place(rank), value: value))
            points.append(Point(probability: place(rank + weight - 1), value: value))
            rank += weight
        }
        points.append(Point(probability: 1, value: sample.greatest))
        all = points
        slack = sample.kind == .continuous ? 0 : 0.25
    }

    /// The law of those points that are needed.
    var law: Law {
        var points = needed
        // Two points in one place say no more than one.
        points = points.indices.filter { $0 == 0 || points[$0] != points[$0 - 1] }
            .map { points[$0] }
        return .quantiles(
            probabilities: points.map(\.probability), values: points.map(\.value))
    }

    /// The ends, and between two points that are needed the one that a straight line between them
    /// misses most, as long as it misses one by more than the tolerances.
    private var needed: [Point] {
        var isNeeded = Array(repeating: false, count: all.count)
        isNeeded[0] = true
        isNeeded[all.count - 1] = true
        var open = [(0, all.count - 1)]
        while let (left, right) = open.popLast() {
            guard let worst = worst(between: left, right) else { continue }
            isNeeded[worst] = true
            open.append((left, worst))
            open.append((worst, right))
        }
        return zip(all, isNeeded).filter(\.1).map(\.0)
    }

    private func worst(between left: Int, _ right: Int) -> Int? {
        guard right - left > 1 else { return nil }
        let (start, end) = (all[left], all[right])
        let (run, rise) = (end.probability - start.probability, end.value - start.value)
        var (worst, most) = (Int?.none, 1.0)
        for place in left + 1..<right {
            let point = all[place]
            let share = run > 0 ? (point.probability - start.probability) / run : 0
            let climbed = rise > 0 ? (point.value - start.value) / rise : share
            let miss = max(
                (share - climbed).magnitude * rise
                    / (Self.valueTolerance * point.value + slack + 1e-12),
                (share - climbed).magnitude * run / Self.probabilityTolerance)
            if miss > most { (worst, most) = (place, miss) }
        }
        return worst
    }
}
