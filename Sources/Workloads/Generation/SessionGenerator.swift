import DiscreteEvents
public import ServingDomain

/// Turns a workload into the concrete sessions that every layout under comparison has to serve.
///
/// The rounds of session s depend on the seed and on s alone, never on rate, arrivals or count, so
/// that two runs differ in nothing but what was changed between them.
public struct SessionGenerator: Sendable {
    private let workload: Workload
    private let seed: UInt64

    public init(workload: Workload, seed: UInt64) {
        self.workload = workload
        self.seed = seed
    }

    /// The first `count` jobs, arriving at `rate` on average; a job is a session with all that it
    /// starts.
    ///
    /// Laws: lengths are rounded to whole tokens, at least 1; delays to whole nanoseconds, and the
    /// last round of a session has none. Recorded sessions come in their order and start over when
    /// they run out; an empty table gives no sessions. A rate that is not positive is one at
    /// which no gap ever ends. Of a limited number of jobs at once one of k replicas sees its
    /// share, rounded up.
    ///
    /// - Parameters:
    ///   - count: jobs to generate.
    ///   - rate: of their arrivals.
    ///   - seen: which arrivals are seen.
    ///   - start: recorded job with which a recording begins; of no meaning for drawn sessions.
    /// - Returns: the sessions in order of arrival.
    public func sessions(
        count: Int, rate: Rate, arrivals seen: ArrivalLaw = .whole, startingAt start: Int = 0
    ) -> SessionTable {
        var table = SessionTable()
        switch workload.sessions {
        case .synthetic(let laws):
            let scripts = SyntheticScripts(laws, seed: seed)
            table = scripts.emptyTable
            for (session, arrival) in drawnArrivals(count, rate, seen).enumerated() {
                scripts.append(session, arrival: arrival, to: &table)
            }
        case .recorded(let recorded):
            guard recorded.count > 0 else { return table }
            table = SessionTable(vocabularyOf: recorded)
            let times = arrivals(of: recorded, count, rate, seen, startingAt: start)
            for (job, arrival) in times.enumerated() {
                table.append(
                    arrival: arrival, copyingJob: (start + job) % recorded.jobCount, of: recorded)
            }
        }
        table.concurrency = workload.concurrency.map(seen.share)
        return table
    }

    private func arrivals(
        of recorded: SessionTable, _ count: Int, _ rate: Rate, _ seen: ArrivalLaw,
        startingAt start: Int
    ) -> [Int64] {
        guard workload.arrivals == .replay,
            let pattern = RecordedArrivals(recorded, Thinning(seed: seed))
        else { return drawnArrivals(count, rate, seen) }
        return pattern.times(count, rate, seen, startingAt: start)
    }

    private func drawnArrivals(_ count: Int, _ rate: Rate, _ seen: ArrivalLaw) -> [Int64] {
        DrawnArrivals(workload.arrivals, seed: seed).times(count, rate, seen)
    }
}
