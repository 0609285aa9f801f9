/// Which of a workload's arrivals are seen.
public enum ArrivalLaw: Hashable, Sendable {
    /// All of them.
    case whole
    /// Each with probability 1 / k: what one of k replicas sees of random dispatch.
    ///
    /// The stream is k times as fast, so that the rate stays the one asked for.
    case thinned(Int)
    /// Every k-th: what one of k replicas sees of round-robin dispatch.
    ///
    /// The stream is k times as fast, so that the rate stays the one asked for.
    case everyKth(Int)

    /// Of so many jobs at once, those that are seen at once on average, rounded up.
    public func share(of concurrency: Int) -> Int { max(1, (concurrency - 1) / streams + 1) }

    /// Arrivals of the stream for one that is seen; at least 1.
    var streams: Int {
        switch self {
        case .whole: 1
        case .thinned(let k), .everyKth(let k): min(max(1, k), 1_000_000)
        }
    }
}
