import ServingDomain

/// What runs today, and layouts that are left out.
extension PlanningRound {
    /// These and what runs today, where that fits into the budget and can run at all; the engine's rules are
    /// not asked, for it does run.
    func withIncumbent(_ layouts: [Deployment], within budget: LayoutBudget) -> [Deployment] {
        guard let incumbent = planningCase.planning.incumbent, !layouts.contains(incumbent),
            planningCase.bounds(candidates, within: budget).affords(incumbent),
            planningCase.allObstacles(to: incumbent).isEmpty
        else { return layouts }
        return layouts + [incumbent]
    }

    var unrunnableIncumbent: [Rejection] {
        guard let incumbent = planningCase.planning.incumbent else { return [] }
        let obstacles = planningCase.allObstacles(to: incumbent)
        guard !obstacles.isEmpty else { return [] }
        return [
            Rejection(
                layout: incumbent.description,
                reason: "the incumbent cannot run: "
                    + obstacles.map(\.message).joined(separator: "; "))
        ]
    }

    /// The pairs of degrees that the engine does not let stand beside each other.
    var refusedPairs: [Rejection] {
        let pairs = planningCase.forbiddenPairs(among: candidates).sorted()
        guard !pairs.isEmpty, let rule = planningCase.engine.rules.degreePairs else { return [] }
        return [
            Rejection(
                layout: pairs.map { "P:\($0.prefill)+D:\($0.decode)" }.joined(separator: " "),
                reason: "\(planningCase.engineName) refuses these degrees beside each other: "
                    + "\(rule.value.sentence) (\(rule.origin)); planning.engine_rules: ignore "
                    + "plans them too")
        ]
    }
}
