public import ServingDomain

/// A serving cluster in simulated time: sessions of several rounds through a deployment.
///
/// Semantics: docs/semantics.md. One run is single-threaded and deterministic; equal inputs give
/// equal results on every machine.
public enum ServingSimulation {
    /// Runs `sessions` through the cluster until every measured one has ended.
    ///
    /// - Parameters:
    ///   - setup: workers, policy and targets.
    ///   - sessions: all sessions in order of arrival.
    ///   - measured: the sessions whose latencies are reported; the others load the system.
    ///   - keepsRounds: whether every measured round is kept, at 144 bytes each.
    ///   - eachRound: called with every measured round when it ends, in order of time.
    /// - Returns: what the measured sessions experienced.
    public static func run(
        _ setup: ClusterSetup, sessions: SessionTable, measured: MeasuredSessions,
        keepsRounds: Bool = false, eachRound: ((RoundOutcome) -> Void)? = nil
    ) -> SimulationResult {
        var cluster = RunningCluster(setup, sessions, measured, keepsRounds: keepsRounds)
        cluster.eachRound = eachRound
        cluster.start()
        while cluster.step() {}
        cluster.finish()
        var result = cluster.result
        result.lengths = SessionLengths(sessions, measured)
        return result
    }
}
