public import DiscreteEvents
import ServingDomain

/// What one run showed about its measured sessions.
///
/// Latencies are kept in histograms, so that memory grows neither with rounds nor with tokens.
public struct SimulationResult: Sendable, Codable {
    /// Measured rounds in order of their end, where the run was asked to keep them.
    public internal(set) var rounds: [RoundOutcome] = []
    /// Measured rounds that ended.
    public internal(set) var roundCount = 0
    /// Tokens of them: prompt tokens that were new in their round, and outputs.
    public internal(set) var newTokens = 0
    public internal(set) var outputTokens = 0
    /// Those of them that were prefilled on their serving worker.
    public internal(set) var localRounds = 0
    /// Sessions that were measured, refused ones included.
    public internal(set) var sessions = 0
    /// Rounds of sessions that no serving worker could ever hold; all of them count as misses.
    public internal(set) var refusedRounds = 0
    public internal(set) var refusedSessions = 0
    /// Time to first token in nanoseconds.
    public internal(set) var ttft = LogHistogram()
    /// Mean gap of the rounds with more than one token in nanoseconds.
    public internal(set) var tpot = LogHistogram()
    /// From the first token of a round to its last in nanoseconds, 0 for a single token; empty unless the
    /// setup asks for it.
    public internal(set) var decodeTime = LogHistogram()
    /// Gaps between output tokens in nanoseconds.
    public internal(set) var gaps = LogHistogram()
    /// End-to-end times of sessions in nanoseconds, tool time included.
    public internal(set) var endToEnd = LogHistogram()
    /// Wait for KV memory before a remote prefill in nanoseconds.
    public internal(set) var memoryWait = LogHistogram()
    /// Time that the transfers of a remotely prefilled round take, history and increment together,
    /// in nanoseconds; overlap with computation is not subtracted.
    public internal(set) var transferTime = LogHistogram()
    /// From release to the end of the prefill computation in nanoseconds.
    public internal(set) var untilPrefilled = LogHistogram()
    /// Jobs that were measured: sessions that arrive by themselves, each with all that it starts.
    public internal(set) var measuredJobs = 0
    /// Nanoseconds from the first measured arrival to the last, where the number of jobs under way
    /// is limited; else it only says what rate was offered.
    public internal(set) var measuredSpan: Int64?
    /// Where sessions start others or a job has a target: what their jobs experienced.
    public internal(set) var jobs: JobFigures?
    /// The same of each tenant, first of sessions without one; empty where none is told.
    public internal(set) var tenants: [TenantFigures] = []
    /// Rounds and sessions that met their targets.
    var good = GoodCounts()
    /// Which of the readings of ITL counts.
    var itlStatistic = ServiceLevel.ITLStatistic.mean
    /// Growth of the number of rounds that do not decode yet, over the rounds released, between the
    /// first and the last measured arrival: about 0 in a steady state, 1 - 1 / load in overload.
    public internal(set) var backlogGrowth = 0.0
    /// The same growth as a number of rounds, by the line of least squares.
    public internal(set) var backlogRounds = 0.0
    /// TTFT by order of arrival, from the first session that fills the cluster on.
    var arrivals = ArrivalSeries()
    /// Misses of the targets, where they were counted while it ran.
    var misses = CountedMisses()
    /// Whether more was missed than was allowed, so that the run was given up.
    package internal(set) var isGivenUp = false
    /// Whether its task was cancelled before the run had ended, so that it says nothing.
    package internal(set) var isInterrupted = false
    /// Whether the replications up to this one measure more jobs than the recording has.
    var repeatsRecording = false
    /// What the measured sessions asked for.
    var lengths = SessionLengths()
    /// Busy share of the prefill workers until the last measured arrival.
    public internal(set) var prefillUtilisation = 0.0
    public internal(set) var decodeUtilisation = 0.0
    /// Used share of the capacity of the busiest transfer port until the last measured arrival;
    /// nil where transfers share nothing.
    public internal(set) var busiestPort: Double?
    /// Largest share of its KV memory that a serving worker used.
    public internal(set) var peakMemoryShare = 0.0
    /// Measured sessions' KV caches that were evicted for others.
    public internal(set) var evictions = 0
    /// Measured rounds that were taken out of a batch because its memory ran out.
    public internal(set) var preemptions = 0
    /// Tokens of measured sessions that were prefilled again after evictions and preemptions.
    public internal(set) var recomputedTokens = 0
    /// Tokens of histories that came back from host memory.
    public internal(set) var loadedTokens = 0
    /// Time of all steps of all workers, in ticks.
    @Halves var computeTicks: Int128 = 0
    /// Time of steps outside the fitted range of their worker's cost functions, in ticks.
    @Halves var extrapolatedTicks: Int128 = 0

    /// Units that met their targets, by the reading of the targets.
    struct GoodCounts: Sendable, Codable {
        var ttft = 0
        var joint = PerStatistic()
        var itl = PerStatistic()
        var sessions = PerStatistic()
    }
}
