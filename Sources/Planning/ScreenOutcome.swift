public import ServingDomain

/// What a screen of every layout says.
public struct ScreenOutcome: Hashable, Sendable {
    /// Layouts that were looked at.
    public let layouts: Int
    /// Those whose first run was given up, with too many misses.
    public let givenUp: Int
    /// Runs of whole clusters.
    public let runs: Int
    /// Best first: those that were not told to be worse than the best, at most as many as finalists.
    public let best: [Deployment]
    /// Probability that no layout's attainment is more than `indifference` above the first one's, at
    /// least; nil where no layout keeps up.
    public let probability: Double?
    /// How far the best layout's attainment is above the first one's, at most, with 95 % probability.
    public let regretBound: Double?

    /// Attainment that makes no difference: one point.
    public static let indifference = 0.01
    /// Probability that is worth no further runs.
    public static let confidence = 0.95
}
