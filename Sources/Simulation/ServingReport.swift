import DiscreteEvents
public import ServingDomain

/// What a deployment does to its sessions, over all replications of a run.
public struct ServingReport: Hashable, Sendable {
    /// From release of a round until its first token reaches the client, over all rounds.
    public let ttft: LatencyQuantiles
    /// Gaps between the tokens of a round, over all tokens.
    public let itl: LatencyQuantiles
    /// Mean gap of a round, over all rounds with more than one token.
    public let tpot: LatencyQuantiles
    /// From arrival to last token of a session, tool time included.
    public let endToEnd: LatencyQuantiles
    /// Wait for KV memory before the prefill could be routed; part of TTFT.
    public let memoryWait: LatencyQuantiles
    /// Transfers of a remotely prefilled round, history and increment together; what of it overlaps
    /// with computation is not subtracted.
    public let transferTime: LatencyQuantiles
    /// What jobs experienced, where sessions start others or a job has a target.
    public let jobs: JobReport?
    /// Jobs per second that found a place, where their number at once is limited.
    public let jobsPerSecond: Double?
    /// Share of good units under each reading of the targets.
    public let attainment: [ServiceLevel.Headline: Estimate]
    /// Growth of the backlog over the rounds released, with its interval over replications.
    public let backlogGrowth: Estimate
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
    public let refusedSessions: Int
    /// Measured rounds over all replications.
    public let rounds: Int
    /// Share of the workers' busy time in steps outside the fitted range of the cost functions.
    public let extrapolatedShare: Double

    /// Whether a cost function was asked beyond its fitted range.
    public var extrapolated: Bool { extrapolatedShare > 0 }

    /// Growth of the backlog beyond which there is no steady state: load about 1.01.
    public static let steadyGrowth = Backlog.steadyGrowth

    /// Whether more arrives than is served, so that latencies grow for as long as one looks.
    public let isOverloaded: Bool

    private static func throughput(_ runs: [SimulationResult]) -> Double? {
        let spans = runs.compactMap(\.measuredSpan)
        guard spans.count == runs.count else { return nil }
        let jobs = runs.reduce(0) { $0 + max(0, $1.measuredJobs - 1) }
        return Double(jobs) * 1e9 / Double(max(1, spans.reduce(0, +)))
    }

    /// - Precondition: `runs` is not empty.
    public init(_ runs: [SimulationResult]) {
        ttft = LatencyQuantiles(histograms: runs.map(\.ttft))
        itl = LatencyQuantiles(histograms: runs.map(\.gaps))
        tpot = LatencyQuantiles(histograms: runs.map(\.tpot))
        endToEnd = LatencyQuantiles(histograms: runs.map(\.endToEnd))
        memoryWait = LatencyQuantiles(histograms: runs.map(\.memoryWait))
        transferTime = LatencyQuantiles(histograms: runs.map(\.transferTime))
        jobs = JobReport(runs)
        jobsPerSecond = Self.throughput(runs)
        attainment = Dictionary(
            uniqueKeysWithValues: ServiceLevel.Headline.allCases.map {
                (
                    $0,
                    Attainment(headline: $0).estimate(runs)
                        ?? Estimate(value: 0, low: 0, high: 1)
                )
            })
        func mean(_ figures: [Double]) -> Double {
            figures.reduce(0, +) / Double(max(1, figures.count))
        }
        let backlog = Backlog(runs)
        backlogGrowth = backlog.growth
        isOverloaded = backlog.isOverloaded
        prefillUtilisation = mean(runs.map(\.prefillUtilisation))
        decodeUtilisation = mean(runs.map(\.decodeUtilisation))
        let portShares = runs.compactMap(\.busiestPort)
        busiestPort = portShares.isEmpty ? nil : mean(portShares)
        peakMemoryShare = runs.map(\.peakMemoryShare).max() ?? 0
        rounds = runs.reduce(0) { $0 + $1.roundCount }
        let local = runs.reduce(0) { $0 + $1.localRounds }
        localShare = rounds > 0 ? Double(local) / Double(rounds) : 0
        evictions = runs.reduce(0) { $0 + $1.evictions }
        preemptions = runs.reduce(0) { $0 + $1.preemptions }
        recomputedTokens = runs.reduce(0) { $0 + $1.recomputedTokens }
        refusedSessions = runs.reduce(0) { $0 + $1.refusedSessions }
        let outside = runs.reduce(0.0) { $0 + Double($1.extrapolatedTicks) }
        extrapolatedShare = outside / max(1, runs.reduce(0.0) { $0 + Double($1.computeTicks) })
    }
}
