import DiscreteEvents
import Scheduling
import ServingDomain
import Testing

@testable import Simulation

/// Something that is true of every run, whatever the cluster and its sessions are.
struct ScenarioLaw: Sendable, CustomTestStringConvertible {
    let name: String
    /// What a scenario does against the law; empty where it holds.
    let faults: @Sendable (Scenario) -> [String]

    var testDescription: String { name }

    static let all: [Self] = [
        books, stepping, little, repetition, scaling, translation, causality, measurement, memory,
        report, attainment,
    ]

    /// Those that are true of sessions that start others too.
    static let ofJobs: [Self] = [books, stepping, repetition]

    static func laws(of scenario: Scenario) -> [Self] { scenario.hasJobs ? ofJobs : all }

    /// Fails with the scenario's name and the command that runs it again.
    ///
    /// - Returns: whether the law holds, so that a loop may end with the first scenario that fails.
    @discardableResult
    func expect(of scenario: Scenario) -> Bool {
        let found = faults(scenario)
        #expect(
            found.isEmpty,
            "\(name): \(found.joined(separator: "; ")). Again: \(scenario.replay)")
        return found.isEmpty
    }

    /// As `expect(of:)` for the first `count` scenarios, up to the first that fails.
    func expect(ofFirst count: Int, _ scenario: (Int) -> Scenario = Scenario.init(number:)) {
        for number in 0..<count where !expect(of: scenario(number)) { return }
    }
}

extension ScenarioLaw {
    static let books = Self(name: "the books balance after every event") {
        WatchedRun($0).faults
    }

    static let stepping = Self(name: "steps in closed form are steps one by one") { scenario in
        var scenario = scenario.bending
        let quick = run(scenario.setup, scenario.sessions)
        scenario.setup.stepping = .oneByOne
        return difference(quick, run(scenario.setup, scenario.sessions))
    }

    static let little = Self(name: "time-averaged sessions are the sum of latencies") { scenario in
        var scenario = scenario
        // A token that is shown before its KV cache has moved ends a round before the service does.
        scenario.setup.firstTokenSite = .decode
        let watched = WatchedRun(scenario)
        let reported = watched.result.rounds.reduce(0) { $0 + $1.ttft + $1.decodeTime }
        return watched.sessionTime == reported
            ? [] : ["\(watched.sessionTime) ns in service, \(reported) ns of latencies"]
    }

    static let repetition = Self(name: "the same scenario gives the same result") { scenario in
        difference(
            run(scenario.setup, scenario.sessions), run(scenario.setup, scenario.sessions))
    }

    static let scaling = Self(name: "twice every time gives twice every latency") { scenario in
        var setup = scenario.setup
        // Shares of a link end within a nanosecond, which does not scale.
        setup.contention = .none
        setup.transfer = plainTransfer
        let twice = run(setup.stretched, scenario.sessions.stretched)
        return difference(
            run(setup, scenario.sessions).timeline.map { $0.mapped { $0 * 2 } },
            twice.timeline)
    }

    static let translation = Self(name: "what comes later by a while ends later by it") {
        scenario in
        let shift: Int64 = 987_654_321
        let later = run(scenario.setup, scenario.sessions.delayed(by: shift))
        return difference(
            run(scenario.setup, scenario.sessions).timeline.map { $0.mapped { $0 + shift } },
            later.timeline)
    }

    static let causality = Self(name: "a session changes nothing before it arrives") { scenario in
        let sessions = scenario.sessions
        let last = sessions.count - 1
        let arrival = sessions.arrivals[last]
        func before(_ sessions: SessionTable) -> [RoundOutcome] {
            run(scenario.setup, sessions).rounds.filter {
                $0.session < last && $0.released + $0.ttft + $0.decodeTime < arrival
            }
        }
        return before(sessions) == before(sessions.prefix(last))
            ? [] : ["rounds that ended before \(arrival) differ without session \(last)"]
    }

    static let measurement = Self(name: "who is measured changes nothing") { scenario in
        let count = scenario.sessions.count
        let measured = MeasuredSessions(first: count / 4, end: count - count / 4)
        let part = ServingSimulation.run(
            scenario.setup, sessions: scenario.sessions, measured: measured, keepsRounds: true)
        let whole = run(scenario.setup, scenario.sessions).rounds
        return difference(
            whole.filter { measured.contains($0.session) }.map(Instants.init),
            part.rounds.map(Instants.init))
    }

    static let memory = Self(name: "memory that was never used was never needed") { scenario in
        let (setup, sessions) = (scenario.setup, scenario.sessions)
        // This policy looks at the share of the memory that is counted on.
        guard setup.policy.name != .dynamoConditionalV1 else { return [] }
        let ample = run(setup.withBlocks(1_000_000), sessions)
        let peak = Int((ample.peakMemoryShare * 1_000_000).rounded())
        // No session may be refused, and refusal looks one token beyond what is ever used.
        let longest = sessions.longestContexts.max() ?? 1
        let blocks = max(
            peak,
            (longest + setup.blockSize - 1) / setup.blockSize
                + (setup.keptBeside?.blocks(of: setup.blockSize, reaching: longest) ?? 0))
        let enough = run(setup.withBlocks(blocks), sessions)
        var faults = difference(ample.timeline, enough.timeline)
        // This policy gives up what it would waste, whether anybody needs the memory or not.
        if setup.policy.name != .infercept, ample.evictions + ample.preemptions > 0 {
            faults.append("something was evicted with memory to spare")
        }
        if enough.peakMemoryShare != Double(peak) / Double(blocks) {
            faults.append("peak of \(enough.peakMemoryShare)")
        }
        return faults
    }
}

// MARK: Differences

private func difference(_ one: [Instants], _ other: [Instants]) -> [String] {
    guard one.count == other.count else { return ["\(one.count) rounds, \(other.count) rounds"] }
    return zip(one, other).first { $0 != $1 }.map { ["expected \($0), found \($1)"] } ?? []
}

private func difference(_ one: SimulationResult, _ other: SimulationResult) -> [String] {
    var faults = difference(one.timeline, other.timeline)
    func compare<Figure: Equatable>(_ name: String, _ figure: (SimulationResult) -> Figure) {
        let (first, second) = (figure(one), figure(other))
        if first != second { faults.append("\(name): \(first), \(second)") }
    }
    compare("evictions") { $0.evictions }
    compare("preemptions") { $0.preemptions }
    compare("recomputed tokens") { $0.recomputedTokens }
    compare("peak of memory") { $0.peakMemoryShare }
    compare("decode utilisation") { $0.decodeUtilisation }
    compare("prefill utilisation") { $0.prefillUtilisation }
    compare("backlog") { $0.backlogRounds }
    compare("gaps") { $0.gaps.count }
    for percent in [0.0, 25, 50, 95, 99, 100] {
        compare("gap at \(percent) %") { $0.gaps.percentile(percent) }
    }
    if one.rounds != other.rounds { faults.append("rounds differ") }
    if one.jobs?.completion != other.jobs?.completion || one.jobs?.good != other.jobs?.good {
        faults.append("jobs differ")
    }
    if one.endToEnd != other.endToEnd { faults.append("end-to-end times differ") }
    if let mean = one.gaps.mean, let second = other.gaps.mean,
        abs(mean - second) > 1e-12 * second
    {
        faults.append("mean gap: \(mean), \(second)")
    }
    return faults
}

extension Instants {
    func mapped(_ change: (Int64) -> Int64) -> Self {
        Self(change(released), change(started), change(computed), change(first), change(last))
    }
}
