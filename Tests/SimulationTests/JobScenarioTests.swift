import DiscreteEvents
import Scheduling
import ServingDomain
import Testing

@testable import Simulation

@Suite("Jobs and fixed concurrency in random scenarios")
struct JobScenarioTests {
    @Test("the books balance at every event, and both ways of stepping agree", arguments: 0..<240)
    func agree(seed: Int) {
        var scenario = scenario(seed)
        let quick = WatchedRun(scenario)
        #expect(quick.faults.isEmpty, "\(quick.faults)")
        scenario.setup.stepping = .oneByOne
        let slow = run(scenario.setup, scenario.sessions)
        #expect(quick.result.rounds == slow.rounds)
        #expect(quick.result.endToEnd == slow.endToEnd)
        #expect(quick.result.jobs?.completion == slow.jobs?.completion)
        #expect(quick.result.jobs?.good == slow.jobs?.good)
    }

    @Test("children start when their round ends, and the next round waits for all of them")
    func joins() {
        var (waited, nested) = (0, 0)
        for seed in 0..<60 {
            var scenario = scenario(seed)
            // A token that is shown before its KV cache has moved ends a round too early.
            scenario.setup.firstTokenSite = .decode
            let sessions = scenario.sessions
            let times = Times(run(scenario.setup, sessions), sessions)
            for session in 0..<sessions.count {
                for round in sessions.firstRound[session]..<sessions.firstRound[session + 1] - 1 {
                    guard let end = times.end[round] else { continue }
                    let children = sessions.trees.children(ofRound: round)
                    let due = end + sessions.rounds[round].delayAfter
                    let joined = children.map { times.treeEnd($0, sessions) ?? end }.max() ?? due
                    #expect(times.released[round + 1] == max(due, joined))
                    if joined > due { waited += 1 }
                    for child in children {
                        guard let start = times.released[sessions.firstRound[child]] else {
                            continue
                        }
                        #expect(start == end)
                        if sessions.trees.startingRounds[session] >= 0 { nested += 1 }
                    }
                }
            }
        }
        #expect(waited > 50 && nested > 20, "\(waited), \(nested)")
    }

    @Test("a job starts in the instant in which the k-th of the others ends", arguments: 0..<60)
    func concurrency(seed: Int) throws {
        var scenario = scenario(seed)
        scenario.setup.firstTokenSite = .decode
        let places = 1 + seed % 4
        scenario.sessions = scenario.sessions.closed(places)
        let sessions = scenario.sessions
        let result = run(scenario.setup, sessions)
        #expect(result.backlogRounds == 0)
        guard result.refusedSessions == 0 else { return }
        let times = Times(result, sessions)
        let roots = (0..<sessions.jobCount).map { sessions.trees.sessions(ofJob: $0).lowerBound }
        let ends = roots.compactMap { times.treeEnd($0, sessions) }.sorted()
        try #require(ends.count == sessions.jobCount)
        for (job, root) in roots.enumerated() {
            let start = job < places ? 0 : ends[job - places]
            #expect(times.released[sessions.firstRound[root]] == start)
        }
    }

    private func scenario(_ seed: Int) -> Scenario {
        let policies = Policies.names
        var scenario = Scenario(
            seed: UInt64(seed), policy: policies[seed % policies.count],
            load: .of(seed / policies.count))
        scenario.sessions = scenario.sessions.grown(seed: UInt64(seed))
        if seed % 3 == 0 { scenario.sessions.concurrency = 1 + seed % 5 }
        return scenario
    }
}

/// Release and end of every round by its place in the table; `nil` where it never was.
private struct Times {
    var released: [Int64?]
    var end: [Int64?]

    init(_ result: SimulationResult, _ sessions: SessionTable) {
        released = Array(repeating: nil, count: sessions.rounds.count)
        end = released
        for round in result.rounds {
            let place = sessions.firstRound[round.session] + round.round
            released[place] = round.released
            end[place] = round.released + round.ttft + round.decodeTime
        }
    }

    /// When the last of a session and all that it starts ends.
    func treeEnd(_ session: Int, _ sessions: SessionTable) -> Int64? {
        let rounds = sessions.firstRound[session]..<sessions.firstRound[session + 1]
        return rounds.flatMap { round in
            [end[round]] + sessions.trees.children(ofRound: round).map { treeEnd($0, sessions) }
        }.compactMap { $0 }.max()
    }
}

extension SessionTable {
    /// The same sessions, of which some rounds start up to three others, two deep.
    fileprivate func grown(seed: UInt64) -> Self {
        var random = RandomSequence(seed: seed, named: "trees")
        var table = Self()
        for session in 0..<count {
            table.append(arrival: arrivals[session], rounds: rounds(of: session))
            guard random.integer(below: 2) == 0 else { continue }
            var generation = table.count - 1..<table.count
            for _ in 0..<2 {
                let start = table.count
                let parents = table.firstRound[generation.lowerBound]..<table.rounds.count
                for round in parents where random.integer(below: 3) == 0 {
                    for _ in 0...random.integer(below: 3) {
                        table.append(
                            startedByRound: round,
                            rounds: rounds(of: random.integer(below: count)))
                    }
                }
                generation = start..<table.count
            }
        }
        return table
    }

    /// All jobs wait for one of so many places.
    fileprivate func closed(_ places: Int) -> Self {
        var table = Self(vocabularyOf: self)
        for job in 0..<jobCount { table.append(arrival: 0, copyingJob: job, of: self) }
        table.concurrency = places
        return table
    }
}
