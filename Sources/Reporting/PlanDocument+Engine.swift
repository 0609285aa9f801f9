import Planning
import ServingDomain

/// What the engine can run of a plan.
extension PlanDocument {
    /// Rules of the engine, and the best that it can run where it refuses what the case asks for.
    var engine: JSONValue {
        let planningCase = result.planningCase
        return [
            "rules": .string(planningCase.planning.ignoresEngineRules ? "ignore" : "obey"),
            "refuses_policy": .array(
                planningCase.policyConflicts.map { conflict in
                    [
                        "rule": .string(conflict.rule.rawValue),
                        "message": .string(conflict.message),
                    ]
                }),
            "runnable": runnable,
        ]
    }

    /// Null where the engine can run what the case asks for, and where its rules are ignored.
    private var runnable: JSONValue {
        guard let runnable = result.runnable else { return .null }
        return [
            "changes": .array(
                runnable.adaptation.changes.map { change in
                    [
                        "key": .string(change.key), "from": .string(change.from),
                        "to": .string(change.to), "reason": .string(change.reason),
                    ]
                }),
            "search": searchValue(runnable.search),
            "verdict": .string((runnable.recommended?.verdict ?? .fail).rawValue),
            "plans": .array(runnable.plans.map(plan)),
        ]
    }

    /// What the engine refuses of a layout; plans have such only where its rules are ignored.
    func refusals(of layout: Deployment) -> JSONValue {
        .array(
            result.planningCase.engineConflicts(with: layout).map { .string($0.message) })
    }

    /// What has to be set for a layout.
    func settings(for layout: Deployment) -> JSONValue {
        .array(
            result.planningCase.neededSettings(for: layout).map { setting in
                [
                    "rule": .string(setting.rule.rawValue), "setting": .string(setting.setting),
                    "source": .string(setting.origin),
                ]
            })
    }
}
