/// Where a search for layouts stands.
public struct PlanningProgress: Hashable, Sendable {
    public enum Stage: String, Hashable, Sendable, CaseIterable {
        /// Single replicas are simulated.
        case coefficients
        /// The integer program is solved.
        case program
        /// Every layout is simulated once or a few times.
        case screening
        /// Whole clusters are simulated.
        case simulation
    }

    public let stage: Stage
    /// A line for people; nil where only more of the same has been done.
    public let text: String?
    /// Simulations of what is under way that have ended, and all of them; 0 of 0 where it is none.
    public let done: Int
    public let total: Int
}

/// Tells somebody how far a search is.
struct ProgressReport: Sendable {
    let tell: @Sendable (PlanningProgress) -> Void

    init(_ tell: @escaping @Sendable (PlanningProgress) -> Void) { self.tell = tell }

    static let none = Self { _ in }

    /// Something begins.
    func callAsFunction(_ stage: PlanningProgress.Stage, _ text: String? = nil) {
        tell(PlanningProgress(stage: stage, text: text, done: 0, total: 0))
    }

    /// To be called with the number of simulations that have ended, of so many.
    func counting(_ stage: PlanningProgress.Stage, of total: Int) -> @Sendable (Int) -> Void {
        { [tell] done in
            tell(PlanningProgress(stage: stage, text: nil, done: done, total: total))
        }
    }
}
