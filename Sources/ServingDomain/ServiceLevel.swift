/// What the operator promised.
public struct ServiceLevel: Hashable, Sendable {
    /// Which units count, and when one is good.
    ///
    /// Unfinished and refused sessions always count as misses.
    public enum Headline: String, Hashable, Sendable, CaseIterable, Codable {
        /// A session is good when every round meets TTFT and its mean over all gaps meets ITL.
        case sessionStrict = "session_strict"
        /// A round is good when it meets TTFT and ITL.
        case roundJoint = "round_joint"
        /// A round is good when it meets TTFT.
        case ttftOnly = "ttft_only"
        /// A round is good when it meets ITL.
        case itlOnly = "itl_only"
    }

    public var ttft: Duration
    /// Bound on the mean inter-token latency of a round.
    public var itl: Duration
    /// Bound on the completion of a job, from its arrival to the last token of the sessions that it
    /// started; `nil` for none.
    public var job: Duration?
    /// Share of units that must be good, from 0 to 1.
    public var attainmentGoal: Double
    public var headline: Headline

    public init(
        ttft: Duration, itl: Duration, job: Duration? = nil, attainmentGoal: Double = 0.9,
        headline: Headline = .roundJoint
    ) {
        self.ttft = ttft
        self.itl = itl
        self.job = job
        self.attainmentGoal = attainmentGoal
        self.headline = headline
    }
}
