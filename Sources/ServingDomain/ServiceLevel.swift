/// What the operator promised.
public struct ServiceLevel: Hashable, Sendable {
    /// Which units count, and when one is good.
    ///
    /// Unfinished and refused sessions always count as misses.
    public enum Headline: String, Hashable, Sendable, CaseIterable, Codable {
        /// A session is good when every round meets TTFT and all its gaps together meet ITL.
        case sessionStrict = "session_strict"
        /// A round is good when it meets TTFT and ITL.
        case roundJoint = "round_joint"
        /// A round is good when it meets TTFT.
        case ttftOnly = "ttft_only"
        /// A round is good when it meets ITL.
        case itlOnly = "itl_only"
    }

    /// What of the gaps between the tokens of a round or session is held against the bound.
    public enum ITLStatistic: String, Hashable, Sendable, CaseIterable, Codable {
        case mean
        case p95
        case p99
        /// Every single gap.
        case max

        /// Gaps of `count` that may be longer than the bound; nil for the mean, which is no count.
        ///
        /// The p-th percentile of n gaps is here the ceil(n p / 100)-th smallest.
        @inlinable
        public func allowance(of count: Int) -> Int? {
            switch self {
            case .mean: nil
            case .p95: count * 5 / 100
            case .p99: count / 100
            case .max: 0
            }
        }
    }

    /// What one of several tenants was promised.
    public struct Tenant: Hashable, Sendable {
        /// As the workload names it.
        public let name: String
        public var ttft: Duration
        public var itl: Duration

        public init(name: String, ttft: Duration, itl: Duration) {
            (self.name, self.ttft, self.itl) = (name, ttft, itl)
        }
    }

    public var ttft: Duration
    /// Bound on the inter-token latency of a round.
    public var itl: Duration
    public var itlStatistic: ITLStatistic
    /// Bound on the completion of a job, from its arrival to the last token of the sessions that it
    /// started; `nil` for none.
    public var job: Duration?
    /// Share of units that must be good, from 0 to 1.
    public var attainmentGoal: Double
    public var headline: Headline
    /// Bounds of tenants in place of `ttft` and `itl`; those that are not here have these.
    public var tenants: [Tenant] = []

    public init(
        ttft: Duration, itl: Duration, itlStatistic: ITLStatistic = .mean, job: Duration? = nil,
        attainmentGoal: Double = 0.9,
        headline: Headline = .roundJoint
    ) {
        self.ttft = ttft
        self.itl = itl
        self.itlStatistic = itlStatistic
        self.job = job
        self.attainmentGoal = attainmentGoal
        self.headline = headline
    }

    /// The bounds that a tenant's sessions have to meet.
    public func bounds(of tenant: String) -> (ttft: Duration, itl: Duration) {
        guard let own = tenants.first(where: { $0.name == tenant }) else { return (ttft, itl) }
        return (own.ttft, own.itl)
    }
}
