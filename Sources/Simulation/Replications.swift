import DiscreteEvents
public import ServingDomain
public import Workloads

/// Independent runs of one setup, on several threads, always reduced in the same order.
public struct Replications: Sendable {
    public let workload: Workload
    public let rate: Rate
    public let arrivals: ArrivalLaw
    public let planning: Case.Planning
    /// Most runs at the same time.
    public let jobs: Int

    public init(
        workload: Workload, rate: Rate, arrivals: ArrivalLaw = .poisson, planning: Case.Planning,
        jobs: Int
    ) {
        self.workload = workload
        self.rate = rate
        self.arrivals = arrivals
        self.planning = planning
        self.jobs = jobs
    }

    /// Runs every replication of `setup`.
    ///
    /// Replication r meets the same sessions whatever the setup (common random numbers).
    public func run(_ setup: ClusterSetup) async -> [SimulationResult] {
        await mapConcurrently(Array(0..<planning.replications), jobs: jobs) { self.run(setup, $0) }
    }

    /// One replication, on the calling thread.
    public func run(_ setup: ClusterSetup, _ replication: Int) -> SimulationResult {
        ServingSimulation.run(
            setup, sessions: sessions(of: replication),
            measured: MeasuredSessions(first: warmUp, end: warmUp + planning.sessions))
    }

    /// Sessions before the measured ones, and as many after them.
    private var warmUp: Int { max(1, planning.sessions / 8) }

    private func sessions(of replication: Int) -> SessionTable {
        let seed = RandomStream(seed: planning.seed, named: "replication").draw(replication, 0)
        return SessionGenerator(workload: workload, seed: seed)
            .sessions(count: planning.sessions + 2 * warmUp, rate: rate, arrivals: arrivals)
    }
}

/// Applies `body` to every element with at most `jobs` at a time; results in the given order.
package func mapConcurrently<Element: Sendable, Result: Sendable>(
    _ elements: [Element], jobs: Int, _ body: @escaping @Sendable (Element) -> Result
) async -> [Result] {
    await withTaskGroup(of: (Int, Result).self) { group in
        var waiting = elements.enumerated().makeIterator()
        for _ in 0..<max(1, jobs) {
            guard let (index, element) = waiting.next() else { break }
            group.addTask { (index, body(element)) }
        }
        var results = [Result?](repeating: nil, count: elements.count)
        while let (index, result) = await group.next() {
            results[index] = result
            if let (index, element) = waiting.next() {
                group.addTask { (index, body(element)) }
            }
        }
        return results.compactMap { $0 }
    }
}

extension Replications {
    /// Final context in tokens that `percent` of the sessions do not exceed.
    public func finalContext(percent: Double) -> Tokens {
        let contexts = (0..<planning.replications).flatMap { replication in
            let sessions = sessions(of: replication)
            return (0..<sessions.count).map { Double(sessions.finalContext(of: $0)) }
        }
        return Tokens(Int((Percentile.value(percent, of: contexts) ?? 0).rounded(.up)))
    }
}
