import DiscreteEvents
public import ServingDomain
public import Workloads

/// Independent runs of one setup, on several threads, always reduced in the same order.
///
/// Before the measured sessions as many arrive as live at once, so that the cluster is filled, and
/// as many after them, so that it stays so: what arrives in the 90th percentile of a session's life
/// if every round just meets its targets, and at least an eighth of the measured ones.
public struct Replications: Sendable {
    /// Most sessions that fill a cluster; more only at rates that no cluster of ours can serve.
    private static let mostFilling = 50_000

    public let workload: Workload
    public private(set) var rate: Rate
    public private(set) var arrivals: ArrivalLaw
    public let planning: Case.Planning
    public let measure: Measure
    /// Most runs at the same time.
    public let jobs: Int
    private(set) var filling: Int
    /// Seconds that 90 % of sessions do not outlive if every round just meets its targets; 0 where no
    /// session fills the cluster.
    private let lifetime: Double

    /// Which sessions are simulated and which of them count.
    public enum Measure: String, Hashable, Sendable, CaseIterable {
        /// Sessions in a filled cluster; those that fill it and keep it busy do not count.
        case steady
        /// Every session, from an empty cluster to the last token: the whole of a trace once.
        case all
    }

    /// The workload of `planningCase`, at its own rate unless another is given.
    public init(
        _ planningCase: Case, rate: Rate? = nil, arrivals: ArrivalLaw = .whole, jobs: Int
    ) {
        self.init(LayoutQuestion(planningCase), rate: rate, arrivals: arrivals, jobs: jobs)
    }

    /// The workload of `question`, at its own rate unless another is given.
    public init(
        _ question: LayoutQuestion, rate: Rate? = nil, arrivals: ArrivalLaw = .whole,
        measure: Measure = .steady, jobs: Int
    ) {
        workload = question.workload
        self.rate = rate ?? question.workload.rate
        self.arrivals = arrivals
        self.measure = measure
        self.jobs = jobs
        var planning = question.planning
        if measure == .all, case .recorded(let table) = question.workload.sessions {
            planning.sessions = table.jobCount
            // Arrivals that are replayed are the same in every run.
            if question.workload.arrivals == .replay, table.meanRate != nil {
                planning.replications = 1
            }
        }
        self.planning = planning
        lifetime = measure == .all ? 0 : Self.lifetime(question)
        filling = 0
        filling = sessionsThatFill
    }

    /// The same sessions, arriving otherwise.
    package func arriving(at rate: Rate, as arrivals: ArrivalLaw) -> Self {
        var copy = self
        (copy.rate, copy.arrivals) = (rate, arrivals)
        copy.filling = copy.sessionsThatFill
        return copy
    }

    /// Sessions that arrive in the life of one, and at least an eighth of the measured ones.
    private var sessionsThatFill: Int {
        guard measure == .steady else { return 0 }
        // A closed loop begins with all of its jobs at once; it takes a while to forget that.
        let places = workload.concurrency.map { Double(arrivals.share(of: $0)) }
        let alive = min(
            (rate.sessionsPerSecond * lifetime).rounded(.up), 2 * (places ?? .infinity))
        return max(1, planning.sessions / 8, Int(min(alive, Double(Self.mostFilling))))
    }

    /// Runs every replication of `setup`.
    ///
    /// Replication r meets the same sessions whatever the setup (common random numbers).
    public func run(_ setup: ClusterSetup) async -> [SimulationResult] {
        let setup = NamedSetup(setup)
        return await mapConcurrently(Array(0..<planning.replications), jobs: jobs) {
            self.run(setup, $0)
        }
    }

    /// One replication, on the calling thread; `eachRound` sees every measured round when it ends.
    public func run(
        _ setup: ClusterSetup, _ replication: Int, eachRound: ((RoundOutcome) -> Void)? = nil
    ) -> SimulationResult {
        guard let eachRound else { return run(NamedSetup(setup), replication) }
        let made = ServingSimulation.run(
            setup, sessions: sessions(of: replication), measured: measured, eachRound: eachRound)
        return numbered(made, replication)
    }

    /// One replication, on the calling thread.
    package func run(_ setup: NamedSetup, _ replication: Int) -> SimulationResult {
        let result = run(key(of: setup, replication)) {
            ServingSimulation.run(
                setup.setup, sessions: sessions(of: replication), measured: measured)
        }
        return numbered(result, replication)
    }

    /// One replication of several setups, each with its number; the sessions of a number are made once.
    ///
    /// - Parameters:
    ///   - tasks: what is run; the results are in the same order.
    ///   - bound: misses beyond which a run is given up; nil where they are not counted.
    ///   - finished: called with the number of tasks that have ended, after each.
    ///   - reduced: what is kept of a result.
    /// - Returns: the same for any number of jobs.
    package func run<Result: Sendable>(
        _ tasks: [(setup: NamedSetup, replication: Int)], within bound: MissBound? = nil,
        finished: (Int) -> Void = { _ in },
        _ reduced: @escaping @Sendable (SimulationResult) -> Result
    ) async -> [Result] {
        let name = name
        let known = await mapConcurrently(tasks, jobs: jobs) { setup, replication in
            let key = self.key(of: setup, replication, within: bound, named: name)
            return (key: key, result: self.known(key, replication).map(reduced))
        }
        let missing = tasks.indices.filter { known[$0].result == nil }
        let numbers = Array(Set(missing.map { tasks[$0].replication })).sorted()
        let tables = await mapConcurrently(numbers, jobs: jobs) { self.sessions(of: $0) }
        let ofNumber = Dictionary(uniqueKeysWithValues: zip(numbers, tables))
        let made = await mapConcurrently(
            missing, jobs: jobs,
            finished: { finished($0 + tasks.count - missing.count) }
        ) { place in
            let (setup, replication) = tasks[place]
            let sessions = ofNumber[replication] ?? self.sessions(of: replication)
            let result = self.run(known[place].key) {
                guard let bound else {
                    return ServingSimulation.run(
                        setup.setup, sessions: sessions, measured: self.measured)
                }
                return ServingSimulation.run(
                    setup.setup, sessions: sessions, measured: self.measured, within: bound)
            }
            return reduced(self.numbered(result, replication))
        }
        var results = known.map(\.result)
        for (place, result) in zip(missing, made) { results[place] = result }
        return results.compactMap { $0 }
    }

    var measured: MeasuredSessions {
        MeasuredSessions(first: filling, end: filling + planning.sessions)
    }

    func numbered(_ result: SimulationResult, _ replication: Int) -> SimulationResult {
        var result = result
        result.repeatsRecording =
            (replication + 1) * planning.sessions > recordedJobs ?? .max
        return result
    }

    /// The same replications in a cluster that is filled by those sessions alone that arrive in the life of
    /// one of a run, where that is shorter than one that just meets its targets.
    package func filled(asIn run: SimulationResult) -> Self {
        guard let life = run.endToEnd.percentile(90), measure == .steady else { return self }
        var copy = self
        let alive = Int(min(1.25 * life / 1e9 * rate.sessionsPerSecond, 1e9).rounded(.up))
        copy.filling = min(filling, max(1, planning.sessions / 8, alive))
        return copy
    }

    /// All sessions that a replication meets.
    private func sessions(of replication: Int) -> SessionTable {
        sessions(of: replication, count: planning.sessions + 2 * filling)
    }

    /// The first sessions that replication `replication` meets.
    ///
    /// A recording has no seed: the first replication begins with its first job, others begin at
    /// drawn ones, and each goes on with the first job behind the last.
    func sessions(of replication: Int, count: Int) -> SessionTable {
        let seed = RandomStream(seed: planning.seed, named: "replication").draw(replication, 0)
        let starts = RandomStream(seed: planning.seed, named: "start in the recording")
        let jobs = recordedJobs ?? 0
        return SessionGenerator(workload: workload, seed: seed)
            .sessions(
                count: count, rate: rate, arrivals: arrivals,
                startingAt: replication > 0 && jobs > 0
                    ? starts.integer(below: jobs, replication) : 0)
    }

    /// Jobs of the recording; nil where sessions are drawn.
    private var recordedJobs: Int? {
        if case .recorded(let table) = workload.sessions { table.jobCount } else { nil }
    }

    /// 90th percentile of a session's life in seconds if every round just meets its targets.
    private static func lifetime(_ question: LayoutQuestion) -> Double {
        let sessions = SessionGenerator(workload: question.workload, seed: question.planning.seed)
            .sessions(count: 500, rate: question.workload.rate)
        let lives = sessions.lives(
            ttft: question.service.ttft.inSeconds, itl: question.service.itl.inSeconds)
        return Percentile.value(90, of: lives) ?? 0
    }
}

/// Applies `body` to every element with at most `jobs` at a time; results in the given order.
///
/// - Parameters:
///   - elements: what is worked on.
///   - jobs: most at the same time.
///   - finished: called with the number of elements that are done, after each.
///   - body: the work.
/// - Returns: what the work gave, in the order of the elements.
package func mapConcurrently<Element: Sendable, Result: Sendable>(
    _ elements: [Element], jobs: Int, finished: (Int) -> Void = { _ in },
    _ body: @escaping @Sendable (Element) -> Result
) async -> [Result] {
    await withTaskGroup(of: (Int, Result).self) { group in
        var waiting = elements.enumerated().makeIterator()
        for _ in 0..<max(1, jobs) {
            guard let (index, element) = waiting.next() else { break }
            group.addTask { (index, body(element)) }
        }
        var results = [Result?](repeating: nil, count: elements.count)
        var done = 0
        while let (index, result) = await group.next() {
            results[index] = result
            done += 1
            finished(done)
            if let (index, element) = waiting.next() {
                group.addTask { (index, body(element)) }
            }
        }
        return results.compactMap { $0 }
    }
}

extension Replications {
    /// Longest context of a session, in tokens, that `percent` of the sessions do not exceed.
    public func longestContext(percent: Double) -> Tokens {
        let contexts = (0..<planning.replications).flatMap { replication in
            sessions(of: replication, count: planning.sessions + 2 * filling)
                .longestContexts.map(Double.init)
        }
        return Tokens(Int((Percentile.value(percent, of: contexts) ?? 0).rounded(.up)))
    }
}

extension Replications {
    /// Rounds of the sessions that fill the cluster in a replication.
    package func fillingRounds(ofReplication replication: Int) -> Int {
        let sessions = sessions(of: replication, count: filling)
        return sessions.firstRound[sessions.arrivals.count]
    }
}
