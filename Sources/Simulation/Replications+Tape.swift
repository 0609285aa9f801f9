import ServingDomain

extension Replications {
    /// The first replication again, on the calling thread, with what `request` asks for on tape.
    public func record(_ setup: ClusterSetup, _ request: TapeRequest) -> Tape {
        ServingSimulation.record(
            setup, sessions: sessions(of: 0, count: planning.sessions + 2 * filling),
            measured: MeasuredSessions(first: filling, end: filling + planning.sessions), request
        ).tape
    }
}
