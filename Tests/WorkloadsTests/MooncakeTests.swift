import DiscreteEvents
import Foundation
import ServingDomain
import Testing

@testable import Workloads

@Suite("Mooncake traces")
struct MooncakeTests {
    @Test("a request that holds another's blocks and answer continues its session")
    func continues() throws {
        // 1,100 tokens: two full blocks; the next prompt shares them and is longer than both.
        let trace = try read([
            (0, 1_100, 50, [1, 2, 3]), (1_000, 700, 9, [7, 8]), (9_000, 1_700, 60, [1, 2, 4, 5]),
        ])
        #expect(trace.format == .mooncakeJSONL)
        #expect(trace.sessions.arrivals == [0, 1_000_000_000])
        #expect(
            Array(trace.sessions.rounds(of: 0)) == [
                RoundScript(newTokens: 1_100, outputTokens: 50, delayAfter: 9_000_000_000),
                RoundScript(newTokens: 1_700 - 1_150, outputTokens: 60, delayAfter: 0),
            ])
        #expect(trace.notes.contains { $0.contains("upper bounds") })
    }

    @Test("a prompt that cannot hold the earlier answer starts a session of its own")
    func tooShort() throws {
        let trace = try read([(0, 1_100, 500, [1, 2, 3]), (9_000, 1_200, 60, [1, 2, 4])])
        #expect(trace.sessions.count == 2)
    }

    @Test("requests of one instant are not each other's past")
    func simultaneous() throws {
        let trace = try read([(5, 600, 5, [1, 2]), (5, 700, 5, [1, 3])])
        #expect(trace.sessions.count == 2)
    }

    @Test("a shared system prompt alone does not join sessions")
    func systemPrompt() throws {
        // Block 0 was first shown by a longer request, whose key block is another.
        let trace = try read([(0, 1_100, 5, [0, 1, 2]), (9, 1_300, 5, [0, 3, 4])])
        #expect(trace.sessions.count == 2)
    }

    @Test("branches of one conversation are rounds of one session, each from its own parent")
    func forks() throws {
        let trace = try read([
            (0, 600, 10, [1, 2]), (10, 700, 10, [1, 3]), (20, 1_600, 10, [1, 3, 4, 5]),
        ])
        #expect(trace.sessions.count == 1)
        // The latest request that is registered at block 1 is the parent of the third.
        #expect(trace.sessions.rounds.map(\.newTokens) == [600, 700 - 610, 1_600 - 710])
    }

    @Test("lines out of order are put into order of time")
    func sorts() throws {
        let trace = try read([(9_000, 1_700, 60, [1, 2, 4, 5]), (0, 1_100, 50, [1, 2, 3])])
        #expect(trace.sessions.count == 1 && trace.sessions.rounds[0].newTokens == 1_100)
    }

    @Test("requests that share a timestamp are spread evenly inside their slot")
    func grid() {
        let grid = TimeGrid([0, 0, 0, 300, 300, 900, 900, 900, 900])
        #expect(grid.slot == 600)
        #expect(grid.spread == [0, 100, 200, 300, 600, 900, 1_050, 1_200, 1_350])
        let fine = TimeGrid([0, 1, 1, 2])
        #expect(fine.slot == nil && fine.spread == [0, 1, 1, 2])
        #expect(TimeGrid([]).spread.isEmpty && TimeGrid([5, 5]).spread == [5, 5])
    }

    @Test(
        "the published conversation trace gives the figures that were computed apart from it",
        .enabled(if: Recording.exists, "needs ../shared/data/traces next to the package"))
    func conversation() throws {
        var reader = TraceReader()
        try reader.read(Array(try Data(contentsOf: Recording.trace)))
        let trace = try reader.finish()
        let stats = try JSONDecoder().decode(
            Recording.Stats.self, from: Data(contentsOf: Recording.stats))
        let table = trace.sessions
        let summary = try #require(WorkloadSummary(table))
        let lengths = (0..<table.count).map { table.rounds(of: $0).count }
        #expect(table.count == stats.sessions && table.rounds.count == stats.requests)
        let multiRound = Double(lengths.count { $0 > 1 }) / Double(table.count)
        #expect((multiRound - stats.multiRoundShare).magnitude < 5e-5)
        #expect((summary.meanRounds - stats.rounds.mean).magnitude < 5e-4)
        #expect(Percentile.value(99, of: lengths.map(Double.init)) == stats.rounds.p99)
        #expect(lengths.max().map(Double.init) == stats.rounds.max)
        #expect((summary.meanInitialTokens - stats.initial.mean).magnitude < 5e-4)
        #expect((summary.meanOutputTokens - stats.decode.mean).magnitude < 5e-4)
        // Rounds without new tokens count as 1 here and as 0 there.
        let incremental = try #require(summary.meanIncrementalTokens)
        #expect(incremental >= stats.incremental.mean - 5e-4)
        #expect(incremental < stats.incremental.mean + 1)
        // Gaps to the parent there, to the round before in the same session here.
        let delay = try #require(summary.meanDelay).inSeconds
        #expect((delay / stats.gap.mean - 1).magnitude < 0.03)
        #expect(trace.notes.contains { $0.contains("slot of 3.0 s") })
        #expect(Double(Set(table.arrivals).count) > 0.99 * Double(table.count))
    }

    private func read(
        _ requests: [(time: Int, input: Int, output: Int, blocks: [Int])]
    ) throws -> RecordedTrace {
        let lines = requests.map {
            #"{"timestamp": \#($0.time), "input_length": \#($0.input), "#
                + #""output_length": \#($0.output), "hash_ids": \#($0.blocks)}"#
        }
        return try TraceReader.read(lines.joined(separator: "\n"))
    }
}

/// Data that lies next to the package on some machines.
enum Recording {
    struct Stats: Decodable {
        struct Figures: Decodable {
            let mean: Double
            let p99: Double
            let max: Double
        }

        let requests: Int
        let sessions: Int
        let multiRoundShare: Double
        let rounds: Figures
        let initial: Figures
        let incremental: Figures
        let decode: Figures
        let gap: Figures

        enum CodingKeys: String, CodingKey {
            case requests
            case sessions = "sessions_reconstructed"
            case multiRoundShare = "multi_round_session_fraction"
            case rounds
            case initial = "initial_prefill"
            case incremental = "incremental_prefill"
            case decode
            case gap = "start_to_start_gap_s"
        }
    }

    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "../shared/data/traces/mooncake_conversation").standardized
    static let trace = folder.appending(path: "conversation_trace_0-36min.jsonl")
    static let stats = folder.appending(path: "stats.json")
    static let exists = FileManager.default.fileExists(atPath: trace.path())
}
