import Foundation
import ServingDomain

/// Choosing a layout by prediction: what the choices are worth by measurement.
///
/// Rows of a group with the same lengths and concurrency differ in their layout alone. For six limits
/// on TPOT, spread evenly in the logarithm between the set's lowest and highest measured one, the
/// layout is chosen whose predicted TPOT keeps the limit with the most tokens per second and GPU;
/// the best of those whose measured TPOT keeps it is the optimum.
public struct LayoutDecisions: Hashable, Sendable {
    public static let limits = 6
    /// A choice may break the limit by this share before it counts as missed.
    public static let grace = 0.05

    public private(set) var asked = 0
    /// Choices as good as the optimum.
    public private(set) var optimal = 0
    /// Choices whose measured TPOT breaks the limit by more than the grace.
    public private(set) var missed = 0
    /// No layout was predicted to keep the limit.
    public private(set) var unanswered = 0
    /// Tokens per second and GPU given up against the optimum, summed over the choices that kept the
    /// limit.
    private var lossSum = 0.0
    private var kept = 0

    public init() {}

    public init(_ rows: [PredictedRow]) {
        for set in Self.sets(rows) { decide(set) }
    }

    public var optimalShare: Double? { share(optimal) }
    public var missedShare: Double? { share(missed) }
    public var unansweredShare: Double? { share(unanswered) }

    /// Mean share of the optimum's throughput given up, over the choices that kept the limit.
    public var meanLoss: Double? { kept > 0 ? lossSum / Double(kept) : nil }

    private func share(_ count: Int) -> Double? {
        asked > 0 ? Double(count) / Double(asked) : nil
    }

    private struct SetKey: Hashable {
        let group: String
        let load: MeasuredRow.Load
    }

    /// Rows that differ in their layout alone, at least two, in the order of their first row.
    private static func sets(_ rows: [PredictedRow]) -> [[PredictedRow]] {
        var places: [SetKey: Int] = [:]
        var sets: [[PredictedRow]] = []
        for row in rows {
            let key = SetKey(group: row.row.group, load: row.row.load)
            if let place = places[key] {
                sets[place].append(row)
            } else {
                places[key] = sets.count
                sets.append([row])
            }
        }
        return sets.filter { Set($0.map(\.row.layout)).count > 1 }
    }

    private mutating func decide(_ set: [PredictedRow]) {
        let measured = set.map(\.row.measured.tpot)
        guard let low = measured.min(), let high = measured.max() else { return }
        for step in 0..<Self.limits {
            let share = Double(step) / Double(Self.limits - 1)
            // The ends exactly, so that the fastest layout keeps the lowest limit.
            let limit =
                step == 0
                ? low : step == Self.limits - 1 ? high : exp(log(low) + share * log(high / low))
            decide(set, limit: limit)
        }
    }

    private mutating func decide(_ set: [PredictedRow], limit: Double) {
        asked += 1
        let best =
            set.filter { $0.row.measured.tpot <= limit }.map { $0.row.throughput($0.row.measured) }
            .max() ?? 0
        let allowed = set.filter { $0.predicted.tpot <= limit }
        guard
            let chosen = allowed.max(by: {
                $0.row.throughput($0.predicted) < $1.row.throughput($1.predicted)
            })
        else {
            unanswered += 1
            return
        }
        guard chosen.row.measured.tpot <= limit * (1 + Self.grace) else {
            missed += 1
            return
        }
        kept += 1
        let reached = chosen.row.throughput(chosen.row.measured)
        lossSum += max(0, 1 - reached / best)
        if reached >= best { optimal += 1 }
    }
}

extension MeasuredRow {
    /// Output tokens per second and GPU of a full closed loop.
    func throughput(_ latencies: MeanLatencies) -> Double {
        let life = latencies.ttft + Double(load.outputTokens - 1) * latencies.tpot
        return 1e3 * Double(load.concurrency * load.outputTokens) / life / Double(layout.gpus.value)
    }
}
