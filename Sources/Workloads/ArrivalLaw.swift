/// How sessions follow each other at a given mean rate.
public enum ArrivalLaw: Hashable, Sendable {
    /// A Poisson process; recorded sessions keep the pattern of their own arrivals instead.
    case poisson
    /// Every k-th session of a stream that is k times as fast, so that the rate stays the one
    /// asked for: what one of k replicas sees of round-robin dispatch.
    case everyKth(Int)
    /// Even gaps.
    case deterministic
}
