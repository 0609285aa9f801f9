import Foundation
import ServingDomain
import Testing

@testable import Workloads

@Suite("Shared prompt prefixes")
struct SharedPrefixTests {
    @Test("a CSV names prefixes and tools; every round of a session begins with its prefix")
    func csv() throws {
        let trace = try TraceReader.read(
            """
            session_id,arrival_s,new_tokens,output_tokens,delay_after_s,prefix,prefix_tokens,tool
            a,0,1200,10,1,coder,900,bash
            b,1,950,10,1,coder,,
            a,,40,10,2,,,"search, web"
            c,2,30,10,,,,
            b,,50,10,,coder,,bash
            """)
        let table = trace.sessions
        #expect(trace.notes.isEmpty)
        #expect(table.prefixes.segmentTokens == [900])
        #expect(lists(table) == [[[0], [0]], [[0], [0]], [[]]])
        #expect(table.tools.names == ["bash", "search, web"])
        #expect((0..<5).map { table.tools.label(ofRound: $0) } == [0, 1, -1, 0, -1])
    }

    @Test("a JSON session has a prefix, its rounds have tools")
    func jsonl() throws {
        let table = try TraceReader.read(
            """
            {"arrival_s": 0, "prefix": "p", "prefix_tokens": 7, "rounds": [\
            {"new_tokens": 7, "output_tokens": 1}, {"new_tokens": 1, "output_tokens": 1, "tool": "t"}]}
            {"arrival_s": 1, "rounds": [{"new_tokens": 7, "output_tokens": 1}]}
            """
        ).sessions
        #expect(lists(table) == [[[0], [0]], [[]]])
        #expect((0..<3).map { table.tools.label(ofRound: $0) } == [-1, 0, -1])
    }

    @Test(
        "a prefix that contradicts the trace is refused with its line",
        arguments: [
            ("p,\n", "Line 2, prefix_tokens: found nothing"),
            ("p,0\n", "Line 2, prefix_tokens: found 0"),
            ("p,11\n", "Line 2, prefix_tokens: found 11, expected at most the 10 new tokens"),
            (",5\n", "Line 2, prefix: found nothing, expected a name"),
            ("p,5\nb,1,10,1,p,6\n", "Line 3, prefix_tokens: found 6, expected 5, as prefix 'p'"),
            ("p,5\na,,10,1,q,6\n", "Line 3, prefix: found 'q', expected nothing, or the prefix"),
        ])
    func contradictions(rows: String, message: String) throws {
        let text = "session_id,arrival_s,new_tokens,output_tokens,prefix,prefix_tokens\na,0,10,1,"
        let error = try #require(throws: WorkloadError.self) {
            try TraceReader.read(text + rows)
        }
        #expect(error.description.hasPrefix(message), "\(error)")
    }

    @Test("Mooncake requests share their full blocks; a partial last block is private")
    func blocks() throws {
        let trace = try TraceReader.read(
            """
            {"timestamp": 10, "input_length": 1100, "output_length": 5, "hash_ids": [70, 71, 72]}
            {"timestamp": 0, "input_length": 1024, "output_length": 5, "hash_ids": [70, 90]}
            {"timestamp": 20, "input_length": 400, "output_length": 5, "hash_ids": [70]}
            """, format: .mooncakeBlocks)
        let table = trace.sessions
        #expect(trace.format == .mooncakeBlocks)
        #expect(table.arrivals == [0, 10_000_000, 20_000_000])
        #expect(table.rounds.map(\.newTokens) == [1024, 1100, 400])
        // Ids in order of time: 70, 90, 71.
        #expect(lists(table) == [[[0, 1]], [[0, 2]], [[]]])
        #expect(table.prefixes.predecessors == [-1, 0, 0])
        #expect(table.prefixes.segmentTokens == [512, 512, 512])
    }

    @Test("a block id behind two different blocks is no chained hash")
    func brokenChain() throws {
        let text = """
            {"timestamp": 0, "input_length": 1024, "output_length": 5, "hash_ids": [1, 2]}
            {"timestamp": 1, "input_length": 1024, "output_length": 5, "hash_ids": [3, 2]}
            """
        let error = try #require(throws: WorkloadError.self) {
            try TraceReader.read(text, format: .mooncakeBlocks)
        }
        #expect(error.description.hasPrefix("Line 2, hash_ids: found 2 behind another block"))
    }

    @Test(
        "the published conversation trace shares what its block ids say",
        .enabled(if: Recording.exists, "needs ../shared/data/traces next to the package"))
    func publishedTrace() throws {
        var reader = TraceReader(format: .mooncakeBlocks)
        try reader.read([UInt8](try Data(contentsOf: Recording.trace)))
        let table = try reader.finish().sessions
        // Counted by a few lines of Python.
        #expect(table.count == 6966)
        #expect(table.prefixes.segmentTokens.count == 107_225)
        #expect(table.prefixes.segments.count >= 107_225)
        let mentions = (0..<table.count).reduce(0) {
            $0 + table.prefixes.range(ofRound: $1).count
        }
        #expect(mentions == 167_532)
    }

    @Test("a replay past the end of a trace keeps prefixes and tools")
    func replay() throws {
        let recorded = try TraceReader.read(
            """
            session_id,arrival_s,new_tokens,output_tokens,prefix,prefix_tokens,tool
            a,0,10,1,p,5,t
            b,1,10,1,,,
            """
        ).sessions
        let rate = Rate(sessionsPerSecond: 1)
        let table = SessionGenerator(
            workload: Workload(sessions: .recorded(recorded), rate: rate), seed: 1
        ).sessions(count: 5, rate: rate)
        #expect(lists(table) == [[[0]], [[]], [[0]], [[]], [[0]]])
        #expect((0..<5).map { table.tools.label(ofRound: $0) } == [0, -1, 0, -1, 0])
        #expect(table.prefixes.segments == [0])
    }

    /// Segments by session and round.
    private func lists(_ table: SessionTable) -> [[[Int32]]] {
        (0..<table.count).map { session in
            (table.firstRound[session]..<table.firstRound[session + 1]).map {
                Array(table.prefixes.segments(ofRound: $0))
            }
        }
    }
}

@Suite("Drawn prompt prefixes")
struct DrawnPrefixTests {
    @Test("prefixes come before the drawn prompts, and all else stays as without them")
    func inFront() {
        let (plain, grouped) = (table(nil, count: 50), table(groups(.uniform), count: 50))
        for session in 0..<50 {
            let (round, end) = (grouped.firstRound[session], grouped.firstRound[session + 1])
            let prefix = grouped.prefixes.tokens(in: grouped.prefixes.range(ofRound: round))
            #expect((2000...6000).contains(prefix))
            #expect(
                Int(grouped.rounds[round].newTokens) == Int(plain.rounds[round].newTokens) + prefix)
            #expect(grouped.rounds[round + 1..<end] == plain.rounds[round + 1..<end])
            for later in round..<end {
                #expect(grouped.prefixes.segments(ofRound: later).count == 1)
            }
        }
        #expect(plain.prefixes.isEmpty)
    }

    @Test(
        "groups are drawn uniformly or in proportion to 1 / k",
        arguments: [
            (Workload.PrefixGroups.Popularity.uniform, [0.25, 0.25, 0.25, 0.25]),
            // 1 + 1/2 + 1/3 + 1/4 = 25/12.
            (.zipf, [0.48, 0.24, 0.16, 0.12]),
        ])
    func popularity(_ popularity: Workload.PrefixGroups.Popularity, shares: [Double]) {
        let count = 40_000
        let table = table(groups(popularity), count: count)
        var found = [Int](repeating: 0, count: 4)
        for session in 0..<count {
            let list = table.prefixes.segments(ofRound: table.firstRound[session])
            found[Int(list[list.startIndex])] += 1
        }
        for (found, share) in zip(found, shares) {
            // Four standard errors of a binomial share: at most 0.01.
            let error = (share * (1 - share) / Double(count)).squareRoot()
            #expect(abs(Double(found) / Double(count) - share) < 4 * error)
        }
    }

    private func groups(_ popularity: Workload.PrefixGroups.Popularity) -> Workload.PrefixGroups {
        Workload.PrefixGroups(
            count: 4, tokens: .uniform(low: 2000, high: 6000), popularity: popularity)
    }

    private func table(_ groups: Workload.PrefixGroups?, count: Int) -> SessionTable {
        let rate = Rate(sessionsPerSecond: 1)
        let laws = Workload.Synthetic(
            rounds: .constant(2), reading: .perRound, prefillTokens: .exponential(mean: 300),
            decodeTokens: .constant(5), environmentDelay: .constant(1), prefixGroups: groups)
        return SessionGenerator(
            workload: Workload(sessions: .synthetic(laws), rate: rate), seed: 3
        ).sessions(count: count, rate: rate)
    }
}
