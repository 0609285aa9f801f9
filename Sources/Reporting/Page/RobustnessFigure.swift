import Planning
import ServingDomain

extension PlanFigures {
    /// What becomes of the layout where something turns out otherwise.
    var robustness: Figure {
        Figure(
            id: "robustness", title: "Robustness",
            caption:
                "What becomes of \(study.chosen) where something turns out otherwise than the case says, "
                + "each alone, \(study.planningCase.planning.replications) runs each. Attainment and P95 "
                + "are values without their intervals; the verdict takes these into account. Where a "
                + "worker or node is lost, the layout is what is left." + trusted,
            chart: nil,
            table: ExplanationDocument.stressTable(study.explanation))
    }
}
