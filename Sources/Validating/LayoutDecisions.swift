import Foundation
import OrderedCollections
import ServingDomain

/// Choosing a layout by prediction: what the choices are worth by measurement.
///
/// Rows that differ in their layout alone make up a set: those of a group with the same model, GPU, engine,
/// lengths, concurrency, number formats and engine version, where rows that state none count as one. Rows of
/// the same layout are runs of it, whose mean counts. For six limits on TPOT between the set's lowest
/// and highest measured one, spread evenly in the logarithm, the layout is chosen whose predicted TPOT
/// keeps the limit with the most tokens per second and GPU; the best of those whose measured TPOT keeps
/// it is the optimum. The two ends are no limits of the six: at the lowest a prediction without bias
/// would have no answer half of the time.
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
        let platform: PlatformKey?
        let load: MeasuredRow.Load
        let precisions: MeasuredRow.Precisions
        let version: EngineVersion?

        init(_ row: MeasuredRow) {
            group = row.group
            platform = row.platform
            load = row.load
            precisions = row.precisions
            version = row.build
        }
    }

    /// One layout of a set: means over the runs of it.
    private struct Choice {
        let measured: MeanLatencies
        let predicted: MeanLatencies
        /// Output tokens per second and GPU, as measured and as predicted.
        let reached: Double
        let promised: Double

        init(_ runs: [PredictedRow]) {
            measured = .mean(of: runs.map(\.row.measured))
            predicted = .mean(of: runs.map(\.predicted))
            reached = runs[0].row.throughput(measured)
            promised = runs[0].row.throughput(predicted)
        }
    }

    /// The layouts of every set that has at least two, in the order of their first rows.
    private static func sets(_ rows: [PredictedRow]) -> [[Choice]] {
        let sets = OrderedDictionary(grouping: rows) { SetKey($0.row) }
        return sets.values.compactMap { set in
            let layouts = OrderedDictionary(grouping: set, by: \.row.layout)
            return layouts.count > 1 ? layouts.values.map(Choice.init) : nil
        }
    }

    private mutating func decide(_ set: [Choice]) {
        let measured = set.map(\.measured.tpot)
        guard let low = measured.min(), let high = measured.max() else { return }
        for step in 1...Self.limits {
            let share = Double(step) / Double(Self.limits + 1)
            decide(set, limit: low * pow(high / low, share))
        }
    }

    private mutating func decide(_ set: [Choice], limit: Double) {
        asked += 1
        let best = set.filter { $0.measured.tpot <= limit }.map(\.reached).max() ?? 0
        let allowed = set.filter { $0.predicted.tpot <= limit }
        guard let chosen = allowed.max(by: { $0.promised < $1.promised }) else {
            unanswered += 1
            return
        }
        guard chosen.measured.tpot <= limit * (1 + Self.grace) else {
            missed += 1
            return
        }
        kept += 1
        lossSum += best > 0 ? max(0, 1 - chosen.reached / best) : 0
        if chosen.reached >= best { optimal += 1 }
    }
}

extension MeanLatencies {
    /// Means over runs, of which there is at least one.
    fileprivate static func mean(of runs: [Self]) -> Self {
        let share = 1 / Double(runs.count)
        return Self(
            ttft: runs.reduce(0) { $0 + $1.ttft * share },
            tpot: runs.reduce(0) { $0 + $1.tpot * share })
    }
}

extension MeasuredRow {
    /// Output tokens per second and GPU of a full closed loop.
    func throughput(_ latencies: MeanLatencies) -> Double {
        let life = latencies.ttft + Double(load.outputTokens - 1) * latencies.tpot
        return 1e3 * Double(load.concurrency * load.outputTokens) / life / Double(layout.gpus.value)
    }
}
