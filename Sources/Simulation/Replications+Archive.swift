import ServingDomain

/// A setup with the digest of all that it is made of, which many runs read once.
package struct NamedSetup: Sendable {
    package let setup: ClusterSetup
    /// Nil without an archive, and where something cannot be read.
    let name: ContentKey?

    package init(_ setup: ClusterSetup) {
        self.setup = setup
        name = RunArchive.current?.key([("setup", setup)])
    }
}

/// Replications that an archive may know.
extension Replications {
    /// The digest of what the sessions of all replications, and which of them count, depend on; nil as
    /// that of a setup.
    var name: ContentKey? {
        RunArchive.current?.key([
            ("workload", workload), ("rate", rate), ("arrivals", arrivals),
            ("seed", planning.seed), ("measure", measure),
        ])
    }

    /// The key of a replication; nil without an archive.
    ///
    /// - Parameters:
    ///   - setup: of the run.
    ///   - replication: its number.
    ///   - bound: misses beyond which it is given up; nil where they are not counted.
    ///   - name: of these replications, where that is known.
    /// - Returns: equal keys for equal runs alone.
    func key(
        of setup: NamedSetup, _ replication: Int, within bound: MissBound? = nil,
        named name: ContentKey? = nil
    ) -> ContentKey? {
        key(of: setup, replication, measured, following: filling, bound, name)
    }

    /// The key of a replication over the finite horizon.
    func horizonKey(of setup: NamedSetup, _ replication: Int) -> ContentKey? {
        let horizon = MeasuredSessions(first: 0, end: planning.horizonSessions)
        return key(of: setup, replication, horizon, following: 0, nil, nil)
    }

    private func key(
        of setup: NamedSetup, _ replication: Int, _ measured: MeasuredSessions,
        following: Int, _ bound: MissBound?, _ known: ContentKey?
    ) -> ContentKey? {
        guard let setup = setup.name, let own = known ?? name else { return nil }
        return RunArchive.current?.key([
            ("setup", setup), ("replications", own), ("replication", replication),
            ("measured", measured), ("following", following), ("bound", bound as Any),
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
