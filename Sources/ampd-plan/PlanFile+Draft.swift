import Catalog
import ServingDomain

extension PlanFile {
    /// How often layouts of a plan are simulated again.
    enum Effort {
        /// As often as its case says.
        case usual
        /// At first as its case says, and no more than the plan took where layouts are hard to tell apart.
        case upToThePlan
        /// As often as the plan was, so that intervals are as narrow as its own.
        case likeThePlan
    }

    /// The case that a plan was made for, or one in its place, at the rate of the plan.
    ///
    /// - Parameters:
    ///   - rank: place of the plan in the document.
    ///   - effort: how often its layouts are simulated.
    ///   - casePath: file of another case; nil for the one in the document.
    ///   - path: of the document, which paths in its case are relative to.
    ///   - source: reads the case.
    /// - Returns: the case.
    /// - Throws: where the case cannot be read.
    func draft(
        rank: Int, _ effort: Effort, casePath: String?, path: String, _ source: CaseSource
    ) throws(Failure) -> CaseDraft {
        var draft =
            if let casePath { try source.draft(path: casePath) } else {
                try source.draft(
                    text: try caseText, name: Console.name(of: path), reworded: { $0 })
            }
        if let count = replications(rank: rank), effort != .usual {
            if effort == .likeThePlan { draft.planning.replications = count }
            draft.planning.maxReplications = max(count, draft.planning.maxReplications)
        }
        if let rate { draft.offer(Rate(sessionsPerSecond: rate)) }
        return draft
    }
}
