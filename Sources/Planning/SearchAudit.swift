public import ServingDomain
public import Simulation

/// What the proposals of the integer program missed of all layouts.
public struct SearchAudit: Hashable, Sendable {
    /// The first layout of the search among proposals.
    public let chosen: Deployment
    /// The first of the screen of every layout.
    public let best: Deployment
    /// Place of the latter in the order of the integer program; nil where that cannot choose it: it is
    /// co-located, has an overloaded phase, or as many replicas as no column has.
    public let milpRank: Int?
    /// Attainment of the best minus that of the chosen one, over the same sessions; nil where one of both
    /// has no steady state.
    public let regret: Estimate?
}
