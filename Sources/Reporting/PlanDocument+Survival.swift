import Planning
import ServingDomain
import Simulation

/// What layouts do without a worker or a node.
extension PlanDocument {
    /// Null where a layout need not stand that; empty where it misses its targets with all workers.
    func survival(of plan: RankedPlan) -> JSONValue {
        guard let survival = plan.survival else { return .null }
        let headline = result.planningCase.service.headline
        return .array(
            survival.map { outcome in
                [
                    "stress": .string(outcome.stress.rawValue),
                    "layout": JSONValue(outcome.deployment?.description),
                    "verdict": .string(outcome.verdict.rawValue),
                    "attainment": JSONValue(
                        finite: outcome.report?.attainment[headline]
                            .map { rounded($0.value, 6) }),
                ]
            })
    }
}

extension PlanTable {
    /// What the recommended plan does without a worker or a node.
    var survivalNotes: [String] {
        guard let plan = result.recommended, let survival = plan.survival else { return [] }
        let lost = survival.filter { $0.verdict != .pass }
        guard !survival.isEmpty else {
            return ["No layout meets the targets even with all of its workers."]
        }
        guard !lost.isEmpty else {
            return ["\(plan.deployment) meets every target without any one worker or node too."]
        }
        return lost.map { outcome in
            let left = outcome.deployment.map { "\($0)" } ?? "nothing that serves"
            return "\(plan.deployment) does not stand \(outcome.stress.rawValue), which leaves "
                + "\(left): \(outcome.verdict.rawValue)."
        }
    }
}

extension PlanSchema {
    static var survival: JSONValue {
        [
            "type": ["array", "null"],
            "items": object([
                "stress": text, "layout": ["type": ["string", "null"]], "verdict": verdict,
                "attainment": ["type": ["number", "null"], "minimum": 0, "maximum": 1],
            ]),
        ]
    }
}
