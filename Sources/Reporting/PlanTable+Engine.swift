import Planning
import ServingDomain

/// What the engine can run of a plan, in words.
extension PlanTable {
    var engineNotes: [String] {
        let planningCase = result.planningCase
        guard let best = result.runnable?.recommended ?? result.recommended else { return [] }
        let asked = result.runnable?.adaptation.planningCase ?? planningCase
        let settings = asked.neededSettings(for: best.deployment).map {
            "\(best.deployment) needs \($0.setting) (\($0.origin))."
        }
        return refusals + runnableNotes + settings
    }

    /// Of plans that are there because the rules are ignored.
    private var refusals: [String] {
        let planningCase = result.planningCase
        guard planningCase.planning.ignoresEngineRules else { return [] }
        return planningCase.policyConflicts.map {
            "Layouts with prefill workers cannot run today: \($0.message)."
        }
            + result.plans.flatMap { plan in
                planningCase.layoutConflicts(on: plan.deployment).map {
                    "\(plan.deployment) cannot run today: \($0.message)."
                }
            }
    }

    private var runnableNotes: [String] {
        guard let runnable = result.runnable else { return [] }
        let changes = runnable.adaptation.changes
        let reasons = changes.map {
            "Layouts with prefill workers cannot run like this: \($0.reason)."
        }
        let keys = changes.map { "\($0.key): \($0.to)" }.joined(separator: " and ")
        guard let best = runnable.recommended else {
            return reasons + ["With \(keys) there is no plan."]
        }
        return reasons + [
            "With \(keys) they can: \(answer(best)) Its attainment is \(figure(best)), "
                + "\(best.deployment.gpus) GPUs; the verdict is that of this plan."
        ]
    }

    private func figure(_ plan: RankedPlan) -> String {
        attainment(plan, intervalColumns: false).joined()
    }
}
