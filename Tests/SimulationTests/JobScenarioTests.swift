import DiscreteEvents
import Scheduling
import ServingDomain
import Testing

@testable import Simulation

@Suite("Jobs and fixed concurrency in random scenarios")
struct JobScenarioTests {
    @Test("the books balance at every event, and both ways of stepping agree")
    func agree() {
        for law in ScenarioLaw.ofJobs { law.expect(ofFirst: Scenario.count(240), scenario) }
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

    private func scenario(_ seed: Int) -> Scenario { Scenario(number: seed).withJobs }
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
