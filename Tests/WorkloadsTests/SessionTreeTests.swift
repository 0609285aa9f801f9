import ServingDomain
import Testing

@testable import Workloads

@Suite("Sessions that start sessions")
struct SessionTreeTests {
    private let head =
        #"{"id": "a", "arrival_s": 5, "rounds": [{"new_tokens": 9, "output_tokens": 1, "#
        + #""delay_after_s": 1}, {"new_tokens": 2, "output_tokens": 1}]}"#

    @Test("a JSON session names the session and the round that start it")
    func jsonl() throws {
        let lines = [
            #"{"arrival_s": 4, "rounds": [{"new_tokens": 1, "output_tokens": 1}]}"#, head,
            child("b", of: "a", 1, tokens: 20), child("c", of: "a", 0, tokens: 30),
            child("d", of: "c", 0, tokens: 40), child("e", of: "a", 0, tokens: 50),
        ]
        let table = try TraceReader.read(lines.joined(separator: "\n")).sessions
        #expect(table.jobCount == 2 && table.count == 6)
        // By generation: the root's rounds first, then what they start, in order of the rounds.
        #expect(table.rounds.map(\.newTokens) == [1, 9, 2, 30, 50, 20, 40])
        #expect(table.trees.startingRounds == [-1, -1, 1, 1, 2, 3])
        #expect(table.trees.children(ofRound: 1) == 2..<4)
        #expect(table.trees.children(ofRound: 3) == 5..<6)
        #expect(table.arrivals == [0] + Array(repeating: 1_000_000_000, count: 5))
        #expect(table.sizeOfTree(at: 1).sessions == 5 && table.sizeOfTree(at: 2).rounds == 2)
        #expect(table.meanRate == Rate(sessionsPerSecond: 1))
    }

    @Test("a replay keeps the trees")
    func replay() throws {
        let recorded = try TraceReader.read(
            [head, child("b", of: "a", 1, tokens: 20)].joined(separator: "\n")
        ).sessions
        let rate = Rate(sessionsPerSecond: 1)
        let table = SessionGenerator(
            workload: Workload(sessions: .recorded(recorded), rate: rate), seed: 1
        ).sessions(count: 3, rate: rate)
        #expect(table.jobCount == 3 && table.trees.startingRounds == [-1, 1, -1, 4, -1, 7])
    }

    @Test(
        "a child that contradicts its parent is refused with its line",
        arguments: [
            (#""parent": "x", "parent_round": 0"#, "Line 2, parent: found 'x'"),
            (
                #""parent": "a", "parent_round": 2"#,
                "Line 2, parent_round: found 2, expected a round"
            ),
            (#""parent": "a""#, "Line 2, parent_round: found nothing"),
            (#""parent_round": 0"#, "Line 2, parent: found nothing"),
            (
                #""parent": "a", "parent_round": 0, "arrival_s": 1"#,
                "Line 2, arrival_s: found 1, expected nothing beside parent"
            ),
            (#""arrival_s": 1, "id": "a""#, "Line 2, id: found 'a' again"),
        ])
    func contradictions(members: String, message: String) throws {
        let line = "{\(members), " + #""rounds": [{"new_tokens": 1, "output_tokens": 1}]}"#
        let error = try #require(throws: WorkloadError.self) {
            try TraceReader.read(head + "\n" + line)
        }
        #expect(error.description.hasPrefix(message), "\(error)")
    }

    @Test("drawn rounds start as many sessions as the law says, so many generations deep")
    func fanout() {
        let table = table(.constant(2), depth: 2, count: 3)
        // A job: 1 session of 2 rounds, 4 children, 16 grandchildren.
        #expect(table.jobCount == 3 && table.count == 3 * 21)
        for job in 0..<3 {
            let root = table.trees.sessions(ofJob: job).lowerBound
            #expect(table.sizeOfTree(at: root).sessions == 21)
            #expect(table.sizeOfTree(at: root + 1).sessions == 5)
        }
        // All sessions are drawn apart from each other.
        #expect(Set(table.rounds.map(\.newTokens)).count == table.rounds.count)
    }

    @Test("trees change neither the roots nor the arrivals, and have a largest size")
    func roots() {
        let (plain, trees) = (table(.constant(0), depth: 1, count: 20), table(nil, count: 20))
        #expect(plain == trees)
        let grown = table(.uniform(low: 0, high: 3), depth: 3, count: 20)
        for job in 0..<20 {
            let root = grown.trees.sessions(ofJob: job).lowerBound
            #expect(grown.rounds(of: root) == plain.rounds(of: job))
            #expect(grown.arrivals[root] == plain.arrivals[job])
        }
        let vast = table(.constant(1000), depth: 8, count: 1)
        #expect(vast.count == Workload.Fanout.mostSessions)
    }

    private func child(_ id: String, of parent: String, _ round: Int, tokens: Int) -> String {
        #"{"id": "\#(id)", "parent": "\#(parent)", "parent_round": \#(round), "#
            + #""rounds": [{"new_tokens": \#(tokens), "output_tokens": 1}]}"#
    }

    private func table(_ children: Law?, depth: Int = 1, count: Int) -> SessionTable {
        let rate = Rate(sessionsPerSecond: 1)
        let laws = Workload.Synthetic(
            rounds: .constant(2), reading: .perRound,
            prefillTokens: .uniform(low: 1, high: 1e9), decodeTokens: .constant(5),
            environmentDelay: .constant(1),
            fanout: children.map { Workload.Fanout(children: $0, depth: depth) })
        return SessionGenerator(
            workload: Workload(sessions: .synthetic(laws), rate: rate), seed: 3
        ).sessions(count: count, rate: rate)
    }
}
