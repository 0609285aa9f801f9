import ServingDomain

/// Replications that an archive may know.
extension Replications {
    /// What the sessions of all replications, and which of them count, depend on.
    private var content: [(label: String, value: Any)] {
        [
            ("workload", workload), ("rate", rate), ("arrivals", arrivals),
            ("seed", planning.seed), ("measure", measure),
        ]
    }

    /// The key of a replication; nil without an archive.
    func key(
        of setup: ClusterSetup, _ replication: Int, within bound: MissBound? = nil
    ) -> ContentKey? {
        key(of: setup, replication, measured, arrivingAfter: filling, within: bound)
    }

    /// The key of a replication over the finite horizon.
    func horizonKey(of setup: ClusterSetup, _ replication: Int) -> ContentKey? {
        key(
            of: setup, replication, MeasuredSessions(first: 0, end: planning.horizonSessions),
            arrivingAfter: 0)
    }

    private func key(
        of setup: ClusterSetup, _ replication: Int, _ measured: MeasuredSessions,
        arrivingAfter following: Int, within bound: MissBound? = nil
    ) -> ContentKey? {
        RunArchive.current?.key(
            content + [
                ("setup", setup), ("replication", replication), ("measured", measured),
                ("following", following), ("bound", bound as Any),
            ])
    }

    /// A replication that was made before.
    func known(_ key: ContentKey?, _ replication: Int) -> SimulationResult? {
        key.flatMap { RunArchive.current?.run(for: $0) }.map { numbered($0, replication) }
    }

    /// A run that is known under `key`; else the one that is made, which is known from then on.
    func run(_ key: ContentKey?, _ made: () -> SimulationResult) -> SimulationResult {
        guard let archive = RunArchive.current, let key else { return made() }
        if let known = archive.run(for: key) { return known }
        let run = made()
        archive.keep(run, for: key)
        return run
    }
}
