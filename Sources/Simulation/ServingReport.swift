import DiscreteEvents
public import ServingDomain

/// What a deployment does to its sessions, over all replications of a run.
public struct ServingReport: Hashable, Sendable {
    /// From release of a round until its first token reaches the client, over all rounds.
    ///
    /// Nil where there was none, and in overload, where a latency only tells how long one looked;
    /// so are the other latencies.
    public let ttft: LatencyQuantiles?
    /// Gaps between the tokens of a round, over all tokens.
    public let itl: LatencyQuantiles?
    /// Mean gap of a round, over all rounds with more than one token.
    public let tpot: LatencyQuantiles?
    /// From arrival to last token of a session, tool time included.
    public let endToEnd: LatencyQuantiles?
    /// Wait for KV memory before the prefill could be routed; part of TTFT.
    public let memoryWait: LatencyQuantiles?
    /// Transfers of a remotely prefilled round, history and increment together; what of it overlaps
    /// with computation is not subtracted.
    public let transferTime: LatencyQuantiles?
    /// What jobs experienced, where sessions start others or a job has a target; in overload over
    /// `horizon`, and without a completion.
    public let jobs: JobReport?
    /// The same of each tenant that has sessions, where a workload tells whose they are.
    public let tenants: [TenantReport]
    /// Jobs per second that found a place, where their number at once is limited.
    public let jobsPerSecond: Double?
    /// Share of good units under each reading of the targets; in overload over `horizon`.
    public let attainment: [ServiceLevel.Headline: Estimate]
    /// The same for every statistic that may be held against the ITL target.
    public let attainmentByStatistic: [ServiceLevel.ITLStatistic: [ServiceLevel.Headline: Estimate]]
    /// Sessions of the finite horizon over which attainment is given in overload.
    ///
    /// Nil in a steady state. Attainments of different horizons must not be compared.
    public let horizon: Int?
    /// Growth of the backlog over the rounds released, with its interval over replications.
    public let backlogGrowth: Estimate
    /// Growth beyond which there is no steady state: load about 1.01, and at least ten rounds in a run.
    public let backlogLimit: Double
    public let prefillUtilisation: Double
    public let decodeUtilisation: Double
    /// Used share of the capacity of the busiest transfer port; nil where transfers share nothing.
    public let busiestPort: Double?
    /// Share of the prefills that ran on decode workers.
    public let localShare: Double
    public let peakMemoryShare: Double
    public let evictions: Int
    public let preemptions: Int
    public let recomputedTokens: Int
    /// Tokens of histories that came back from host memory, over all runs.
    public let loadedTokens: Int
    public let refusedSessions: Int
    /// Independent runs behind the figures.
    public let replications: Int
    /// Measured sessions over all replications, refused ones included.
    public let sessions: Int
    /// Measured rounds that ended, over all replications.
    public let rounds: Int
    /// Tokens of these rounds: prompt tokens that were new, and outputs.
    public let newTokens: Int
    public let outputTokens: Int
    /// How well the figures are known whose precision was asked for.
    public internal(set) var precisions: [RunLength.Outcome] = []
    /// What filled the cluster before the measured sessions.
    public let warmUp: WarmUpCheck
    /// Share of the workers' busy time in steps outside the fitted range of the cost functions.
    public let extrapolatedShare: Double

    /// Whether a cost function was asked beyond its fitted range.
    public var extrapolated: Bool { extrapolatedShare > 0 }

    /// Whether more arrives than is served, so that latencies grow for as long as one looks.
    public let isOverloaded: Bool

    private static func throughput(_ runs: [SimulationResult]) -> Double? {
        let spans = runs.compactMap(\.measuredSpan)
        guard spans.count == runs.count else { return nil }
        let jobs = runs.reduce(0) { $0 + max(0, $1.measuredJobs - 1) }
        return Double(jobs) * 1e9 / Double(max(1, spans.reduce(0, +)))
    }

    /// - Parameters:
    ///   - runs: replications of a steady state, or of what turns out not to have one.
    ///   - horizon: in overload, replications that begin empty and measure every session; without
    ///     them no attainment is given there.
    /// - Precondition: `runs` is not empty.
    public init(_ runs: [SimulationResult], horizon: [SimulationResult] = []) {
        let backlog = Backlog(runs)
        (backlogGrowth, isOverloaded) = (backlog.growth, backlog.isOverloaded)
        backlogLimit = backlog.limit
        let caution = Caution.general(runs)
        func latency(_ latency: ServingStatistic.Latency) -> LatencyQuantiles? {
            backlog.isOverloaded
                ? nil
                : LatencyQuantiles(
                    histograms: runs.map { $0.histogram(of: latency) }, caution: caution)
        }
        (ttft, itl, tpot) = (latency(.ttft), latency(.itl), latency(.tpot))
        (endToEnd, memoryWait) = (latency(.endToEnd), latency(.memoryWait))
        transferTime = latency(.transfer)
        jobs =
            backlog.isOverloaded
            ? JobReport(horizon, givesCompletion: false, caution: Caution.general(horizon))
            : JobReport(runs, givesCompletion: true, caution: caution)
        jobsPerSecond = Self.throughput(runs)
        let counted = backlog.isOverloaded ? horizon : runs
        tenants = TenantReport.all(
            counted, givesLatencies: !backlog.isOverloaded, caution: Caution.general(counted))
        attainment = Attainment.all(counted)
        attainmentByStatistic = Dictionary(
            uniqueKeysWithValues: ServiceLevel.ITLStatistic.allCases.map {
                ($0, Attainment.all(counted, $0))
            })
        self.horizon = backlog.isOverloaded ? horizon.first?.sessions : nil
        replications = runs.count
        warmUp = WarmUpCheck(runs)
        func mean(_ figures: [Double]) -> Double {
            figures.reduce(0, +) / Double(max(1, figures.count))
        }
        prefillUtilisation = mean(runs.map(\.prefillUtilisation))
        decodeUtilisation = mean(runs.map(\.decodeUtilisation))
        let portShares = runs.compactMap(\.busiestPort)
        busiestPort = portShares.isEmpty ? nil : mean(portShares)
        peakMemoryShare = runs.map(\.peakMemoryShare).max() ?? 0
        sessions = runs.reduce(0) { $0 + $1.sessions }
        rounds = runs.reduce(0) { $0 + $1.roundCount }
        newTokens = runs.reduce(0) { $0 + $1.newTokens }
        outputTokens = runs.reduce(0) { $0 + $1.outputTokens }
        let local = runs.reduce(0) { $0 + $1.localRounds }
        localShare = rounds > 0 ? Double(local) / Double(rounds) : 0
        evictions = runs.reduce(0) { $0 + $1.evictions }
        preemptions = runs.reduce(0) { $0 + $1.preemptions }
        recomputedTokens = runs.reduce(0) { $0 + $1.recomputedTokens }
        loadedTokens = runs.reduce(0) { $0 + $1.loadedTokens }
        refusedSessions = runs.reduce(0) { $0 + $1.refusedSessions }
        let outside = runs.reduce(0.0) { $0 + Double($1.extrapolatedTicks) }
        extrapolatedShare = outside / max(1, runs.reduce(0.0) { $0 + Double($1.computeTicks) })
    }
}
