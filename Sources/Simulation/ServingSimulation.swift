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
        run(
            RunningCluster(setup, sessions, measured, keepsRounds: keepsRounds),
            eachRound: eachRound)
    }

    /// The same, given up once too many targets were missed; misses are counted.
    static func run(
        _ setup: ClusterSetup, sessions: SessionTable, measured: MeasuredSessions,
        within bound: MissBound
    ) -> SimulationResult {
        var cluster = RunningCluster(setup, sessions, measured, keepsRounds: false)
        cluster.missBound = bound
        return run(cluster)
    }

    private static func run(
        _ cluster: consuming RunningCluster, eachRound: ((RoundOutcome) -> Void)? = nil
    ) -> SimulationResult {
        cluster.eachRound = eachRound
        cluster.start()
        let isInterrupted = !ended(&cluster)
        cluster.finish()
        var result = cluster.result
        result.isInterrupted = isInterrupted
        result.lengths = SessionLengths(cluster.sessions, cluster.measured)
        return result
    }

    /// Events between two looks at whether anybody still wants the result.
    private static let stride = 4096

    /// Lets events happen until the run ends, or its task is cancelled.
    private static func ended(_ cluster: inout RunningCluster) -> Bool {
        while true {
            var count = 0
            while count < stride, cluster.step() { count += 1 }
            if count < stride { return true }
            if Task.isCancelled { return false }
        }
    }
}
