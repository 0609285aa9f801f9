import DiscreteEvents
public import ServingDomain

/// Turns a workload into the concrete sessions that every layout under comparison has to serve.
///
/// The rounds of session s depend on the seed and on s alone, never on rate, arrivals or count, so
/// that two runs differ in nothing but what was changed between them.
public struct SessionGenerator: Sendable {
    private let sessions: Workload.Sessions
    private let seed: UInt64

    public init(workload: Workload, seed: UInt64) {
        self.sessions = workload.sessions
        self.seed = seed
    }

    /// The first `count` sessions, arriving at `rate` on average.
    ///
    /// Laws: lengths are rounded to whole tokens, at least 1; delays to whole nanoseconds, and the
    /// last round of a session has none. Recorded sessions come in their order and start over when
    /// they run out; an empty table gives no sessions. A rate that is not positive is one at
    /// which no gap ever ends.
    public func sessions(
        count: Int, rate: Rate, arrivals law: ArrivalLaw = .poisson
    ) -> SessionTable {
        switch sessions {
        case .synthetic(let laws):
            let scripts = SyntheticScripts(laws, seed: seed)
            var table = scripts.emptyTable
            for (session, arrival) in drawnArrivals(count, rate, law).enumerated() {
                scripts.append(session, arrival: arrival, to: &table)
            }
            return table
        case .recorded(let recorded):
            guard recorded.count > 0 else { return SessionTable() }
            let times =
                RecordedArrivals(recorded)?.times(count, rate, law)
                ?? drawnArrivals(count, rate, law)
            var table = SessionTable(vocabularyOf: recorded)
            for (session, arrival) in times.enumerated() {
                table.append(
                    arrival: arrival, copyingJob: session % recorded.jobCount, of: recorded)
            }
            return table
        }
    }

    private func drawnArrivals(_ count: Int, _ rate: Rate, _ law: ArrivalLaw) -> [Int64] {
        DrawnArrivals(seed: seed).times(count, rate, law)
    }
}
