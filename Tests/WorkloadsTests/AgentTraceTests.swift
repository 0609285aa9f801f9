import ServingDomain
import Testing

@testable import Workloads

@Suite("Traces of coding agents")
struct AgentTraceTests {
    private static func call(
        _ input: Int, _ output: Int, blocks: [Int], think: Double? = nil, more: String = ""
    ) -> String {
        let think = think.map { #", "think_time": \#($0)"# } ?? ""
        return
            #"{"type": "n", "in": \#(input), "out": \#(output), "hash_ids": \#(blocks)\#(think)\#(more)}"#
    }

    private static func session(_ calls: String...) -> String {
        #"{"id": "x", "block_size": 10, "hash_id_scope": "local", "requests": [\#(calls.joined(separator: ", "))]}"#
    }

    private static let subagent = #"""
        {"type": "subagent", "t": 3, "requests": [{"type": "n", "in": 7, "out": 3, "hash_ids": [1]}]}
        """#

    @Test("prompts become new tokens, a compacted one what it does not share in blocks")
    func prompts() throws {
        let trace = try TraceReader.read(
            Self.session(
                Self.call(100, 10, blocks: Array(1...10)),
                Self.subagent,
                Self.call(150, 5, blocks: Array(1...15), think: 2),
                // Fewer than prompt and answer before, but no tenth less.
                Self.call(152, 5, blocks: Array(1...15), think: 3),
                // Compacted; two blocks are as before.
                Self.call(60, 4, blocks: [1, 2, 30, 31, 32, 33], think: 1)))
        #expect(trace.format == .kvCacheTester)
        let table = trace.sessions
        #expect(table.count == 2 && table.jobCount == 1)
        #expect(table.rounds(of: 0).map(\.newTokens) == [100, 40, 1, 40])
        #expect(table.rounds(of: 0).map(\.outputTokens) == [10, 5, 5, 4])
        #expect(
            table.rounds(of: 0).map(\.delayAfter) == [
                2_000_000_000, 3_000_000_000, 1_000_000_000, 0,
            ])
        #expect(table.rounds(of: 1).map(\.newTokens) == [7])
        let statistics = trace.statistics
        #expect(statistics.sessions == 1 && statistics.calls == 4 && statistics.compactions == 1)
        #expect(statistics.apart == .init(sessions: 1, calls: 1))
        #expect(statistics.incrementalPrefill.count == 2)
        #expect(statistics.promptTokens == 100 + 150 + 152 + 60)
        #expect(statistics.simulated.newTokens == 100 + 40 + 1 + 40 + 7)
        #expect(statistics.arrivals == nil)
    }

    @Test("a sub-agent that only starts others says nothing itself")
    func nested() throws {
        let nested = #"{"type": "subagent", "requests": [\#(Self.subagent)]}"#
        let trace = try TraceReader.read(
            Self.session(Self.call(100, 10, blocks: [1]), nested, Self.call(150, 5, blocks: [1])))
        #expect(trace.sessions.count == 2 && trace.sessions.rounds(of: 1).map(\.newTokens) == [7])
        #expect(trace.statistics.apart == .init(sessions: 1, calls: 1))
    }

    @Test("figures alone are those that come with the sessions")
    func purposes() throws {
        let text = Self.session(
            Self.call(100, 10, blocks: Array(1...10)), Self.subagent,
            Self.call(150, 5, blocks: Array(1...15), more: #", "t": 9"#))
        let both = [TracePurpose.figures, .sessions].map { purpose in
            try? TraceReader.read(text, for: purpose)
        }
        #expect(both[0]?.statistics == both[1]?.statistics)
        #expect(both[0]?.sessions.count == 0)
        // Nine seconds from start to start, as nobody measured the service.
        #expect(both[1]?.sessions.rounds.first?.delayAfter == 9_000_000_000)
    }

    @Test("several files are one trace, and a wrong value is told by its path")
    func files() throws {
        var reader = TraceReader()
        for number in 1...3 {
            try reader.begin(file: "\(number).json")
            try reader.read(Array(Self.session(Self.call(20, number, blocks: [1, 2])).utf8))
        }
        #expect(try reader.finish().sessions.rounds.map(\.outputTokens) == [1, 2, 3])
        func message(_ text: String) -> String {
            do {
                return "\(try TraceReader.read(text).format)"
            } catch {
                return error.description
            }
        }
        #expect(
            message(Self.session(Self.call(1, 1, blocks: []), Self.call(-4, 1, blocks: [])))
                .hasPrefix("requests[1].in: found -4, expected a whole number of tokens"))
        #expect(
            message(Self.session(Self.subagent.replacing("7", with: "null")))
                .hasPrefix("requests[0].requests[0].in: found nothing"))
        #expect(message(Self.session()).hasPrefix("requests: found no request"))
        #expect(
            message(#"{"block_size": 0, "requests": []}"#).hasPrefix("block_size: found 0"))
        #expect(
            message("{\"block_size\": 5,\n \"requests\": [}").hasPrefix(
                "Line 2, byte 15: found no JSON"))
    }

    private static func round(
        _ index: Int, _ input: Int, events: [(String, String)], tools: [(String, String)] = [],
        session: String = "a"
    ) -> String {
        let events = events.map {
            #"{"event_type": "\#($0.0)", "timestamp": "2026-06-01T05:40:\#($0.1)Z"}"#
        }
        let tools = tools.map {
            #"{"tool_name": "\#($0.0)", "result_at": "2026-06-01T05:40:\#($0.1)Z", "tool_wall_latency_ms": 500}"#
        }
        return
            #"{"session_id": "\#(session)", "round_index": \#(index), "input_tokens_total": \#(input), "#
            + #""output_tokens": 5, "newly_append_tokens": 3, "timing_events": [\#(events.joined(separator: ","))], "#
            + #""tools": [\#(tools.joined(separator: ","))]}"#
    }

    @Test("delays are those of tools, or of people")
    func tools() throws {
        let trace = try TraceReader.read(
            [
                Self.round(
                    4, 100,
                    events: [("user_message", "10.0"), ("text", "12.0"), ("tool_call", "12.5")],
                    tools: [("Bash", "13.0"), ("Read", "15.0")]),
                Self.round(
                    0, 50, events: [("user_message", "11.0"), ("text", "12.0")], session: "b"),
                Self.round(5, 120, events: [("tool_result", "15.0"), ("text", "17.0")]),
                Self.round(6, 130, events: [("user_message", "20.0"), ("text", "21.0")]),
            ].joined(separator: "\n"))
        #expect(trace.format == .traceLab && trace.sessions.count == 2)
        #expect(trace.sessions.arrivals == [0, 1_000_000_000])
        let rounds = trace.sessions.rounds(of: 0)
        #expect(rounds.map(\.newTokens) == [100, 15, 5])
        #expect(rounds.map(\.delayAfter) == [2_500_000_000, 3_000_000_000, 0])
        #expect(trace.statistics.arrivals?.span == 10)
        do {
            _ = try TraceReader.read(
                Self.round(0, 10, events: []) + "\n" + Self.round(2, 10, events: []))
            Issue.record("read")
        } catch {
            #expect(error.description.hasPrefix("Line 2, round_index: found 2, expected 1"))
        }
    }

    @Test("several documents may stand in a list, behind a mark, and in files with equal names")
    func lists() throws {
        let one = Self.session(Self.call(20, 3, blocks: [1, 2]))
        let listed = try TraceReader.read("\u{FEFF}[\(one), \(one)]")
        #expect(listed.format == .kvCacheTester && listed.sessions.count == 2)
        var reader = TraceReader()
        try reader.begin(file: "a.json")
        // All of a file, or nothing.
        try reader.read(Array("{\n\"x\": 1}\n\(one)".utf8))
        #expect(throws: WorkloadError.self) { try reader.endFile() }
        #expect(!reader.knowsFormat)
        try reader.begin(file: "b.json")
        try reader.read(Array(one.utf8))
        #expect(try reader.finish().sessions.count == 1)
    }
}
