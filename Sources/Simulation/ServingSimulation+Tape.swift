public import ServingDomain

extension ServingSimulation {
    /// Runs `sessions` as `run` does and records what `request` asks for.
    ///
    /// The outcome is that of `run`, to the nanosecond.
    public static func record(
        _ setup: ClusterSetup, sessions: SessionTable, measured: MeasuredSessions,
        _ request: TapeRequest, keepsRounds: Bool = false
    ) -> (result: SimulationResult, tape: Tape) {
        var cluster = RunningCluster(setup, sessions, measured, keepsRounds: keepsRounds)
        cluster.record(request)
        cluster.start()
        while cluster.step() {}
        cluster.finish()
        guard let tape = cluster.finishTape() else { preconditionFailure("the run has a tape") }
        return (cluster.result, tape)
    }
}
