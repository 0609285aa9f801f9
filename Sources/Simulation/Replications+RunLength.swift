import ServingDomain

extension Replications {
    /// Replicates every setup until each is known well enough or a budget ends.
    ///
    /// All setups get the same number of replications, that of the one that takes most, so that
    /// they stay comparable: replication r meets the same sessions in each.
    ///
    /// - Parameters:
    ///   - setups: at least one.
    ///   - length: what is to be known, and the budgets of each setup.
    /// - Returns: the replications of each setup, in order; the same for any number of jobs.
    public func run(
        _ setups: [ClusterSetup], until length: RunLength
    ) async -> [[SimulationResult]] {
        var runs = setups.map { _ in [SimulationResult]() }
        let setups = setups.map(NamedSetup.init)
        for checkpoint in length.checkpoints(from: planning.replications) {
            let known = runs.first?.count ?? 0
            let tasks = setups.indices.flatMap { setup in
                (known..<checkpoint).map { (setup: setup, replication: $0) }
            }
            let results = await mapConcurrently(tasks, jobs: jobs) {
                self.run(setups[$0.setup], $0.replication)
            }
            for (task, result) in zip(tasks, results) { runs[task.setup].append(result) }
            if runs.allSatisfy({ length.isOver($0) }) { break }
        }
        return runs
    }

    /// Replicates the first `planning.horizonSessions` sessions on an empty cluster.
    ///
    /// Exactly so many arrive, all are measured, and the run ends with the last of them: what can
    /// be said of a setup that has no steady state. Replication r meets the same sessions in every
    /// setup.
    public func runHorizon(_ setup: ClusterSetup) async -> [SimulationResult] {
        let horizon = MeasuredSessions(first: 0, end: planning.horizonSessions)
        let setup = NamedSetup(setup)
        return await mapConcurrently(Array(0..<planning.replications), jobs: jobs) {
            let replication = $0
            return self.run(self.horizonKey(of: setup, replication)) {
                ServingSimulation.run(
                    setup.setup, sessions: self.sessions(of: replication, count: horizon.end),
                    measured: horizon)
            }
        }
    }

    /// Reports `runs` of `setup`; in overload over the finite horizon too, which whole runs are.
    public func report(
        _ runs: [SimulationResult], of setup: ClusterSetup
    ) async -> ServingReport {
        guard Backlog(runs).isOverloaded else { return ServingReport(runs) }
        let horizon = measure == .all ? runs : await runHorizon(setup)
        return ServingReport(
            runs, horizon: horizon.contains(where: \.isInterrupted) ? [] : horizon)
    }

    /// Runs `setup` and reports it; in overload over the finite horizon too.
    ///
    /// - Parameters:
    ///   - setup: workers, policy and targets.
    ///   - length: nil for as many replications as the case asks for.
    /// - Returns: without latencies where there is no steady state.
    public func report(_ setup: ClusterSetup, until length: RunLength? = nil) async -> ServingReport
    {
        let runs: [SimulationResult] =
            if let length { await run([setup], until: length)[0] } else { await run(setup) }
        var report = await report(runs, of: setup)
        report.precisions = length?.outcomes(runs) ?? []
        return report
    }
}
