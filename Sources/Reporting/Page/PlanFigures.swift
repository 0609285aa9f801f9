public import Planning
import ServingDomain
import Simulation

/// The figures of a report on a plan: one list for pages, text and files.
public struct PlanFigures: Sendable {
    let study: PlanStudy
    let provenance: PlanDocument.Provenance
    /// How far the costs may be believed, in a word.
    let trust: String

    public init(_ study: PlanStudy, _ provenance: PlanDocument.Provenance, trust: String) {
        (self.study, self.provenance, self.trust) = (study, provenance, trust)
    }

    /// In the order in which a reader asks.
    public var all: [Figure] {
        [frontier] + [attainment, splits].compactMap { $0 } + [firstTokens].compactMap { $0 }
            + spreads + steps + operators + [activity, robustness]
    }

    /// Ids of all figures that there may be.
    public static let ids =
        ["frontier", "attainment", "splits", "first-token", "ttft", "itl", "prefill", "decode"]
        + (1...4).map { "operator-\($0)" } + ["utilisation", "robustness"]

    var service: ServiceLevel { study.planningCase.service }
    var rate: Double? {
        let rate = study.planningCase.workload.rate.sessionsPerSecond
        return rate.isFinite ? rate : nil
    }

    /// Stands at the end of captions of what rests on the costs.
    var trusted: String { " Trust of the costs: \(trust)." }
}

/// Figures in a few characters.
extension PlanFigures {
    static func milliseconds(_ nanoseconds: Double?, _ places: Int = 1) -> String {
        nanoseconds.map { "\(rounded($0 / 1e6, places))" } ?? "-"
    }

    static func interval(_ estimate: Estimate?, scale: Double, _ places: Int) -> String {
        guard let estimate else { return "-" }
        func figure(_ value: Double) -> String {
            value.isFinite ? "\(rounded(value * scale, places))" : "unknown"
        }
        return "[\(figure(estimate.low)), \(figure(estimate.high))]"
    }

    static func percent(_ share: Double, _ places: Int = 1) -> String {
        let value = rounded(share * 100, places)
        return (value == value.rounded() ? String(Int(value)) : "\(value)") + " %"
    }
}
