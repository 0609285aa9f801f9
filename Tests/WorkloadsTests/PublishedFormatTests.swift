import ServingDomain
import Testing

@testable import Workloads

@Suite("Formats of published traces")
struct PublishedFormatTests {
    private func message(_ text: String) -> String {
        do {
            return "\(try TraceReader.read(text).format)"
        } catch {
            return error.description
        }
    }

    private static let second: Int64 = 1_000_000_000

    @Test("BurstGPT without sessions: failed requests are left out and counted")
    func burst() throws {
        let trace = try TraceReader.read(
            """
            Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type
            5,ChatGPT,472,18,490,Conversation log
            45.5,ChatGPT,1087,230,1317,Conversation log
            118,GPT-4,417,0,417,API log
            """)
        #expect(trace.format == .burstGPT && trace.sessions.count == 2)
        #expect(trace.sessions.arrivals == [0, 40_500_000_000])
        #expect(trace.sessions.rounds.map(\.newTokens) == [472, 1087])
        #expect(trace.sessions.rounds.map(\.outputTokens) == [18, 230])
        #expect(
            trace.notes.contains("Requests without a response, which failed, were left out: 1."))
        #expect(trace.statistics.details == [TraceDetail("failed_requests", .count(1))])
    }

    @Test("BurstGPT with sessions: delays run from the end of a call, prompts hold the history")
    func burstSessions() throws {
        let header = "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens\n"
        let trace = try TraceReader.read(
            header
                + """
                0,a,2,ChatGPT,100,10
                1,b,1,ChatGPT,50,5
                10,a,3,ChatGPT,150,20
                20,a,1,ChatGPT,60,5
                """)
        #expect(trace.sessions.count == 2)
        let rounds = trace.sessions.rounds(of: 0)
        // 150 - 110 are new; 60 are fewer than the 170 before, so that these were not sent again.
        #expect(rounds.map(\.newTokens) == [100, 40, 60])
        #expect(rounds.map(\.delayAfter) == [8 * Self.second, 7 * Self.second, 0])
        // As much as it has to compute, and no history.
        #expect(trace.statistics.freshTokens == 100 + 40 + 60 + 50)
        #expect(trace.notes.contains { $0.contains("lack some of what was said before") })
        #expect(!trace.notes.contains { $0.contains("of a retry") })
        #expect(
            message(header + "5,a,1,m,10,5\n4,a,1,m,20,5")
                .hasPrefix("Line 3, Timestamp: found 4.0, expected 5.0 or more"))
        #expect(message(header + "5,a,x,m,10,5").hasPrefix("Line 2, Elapsed time: found 'x'"))
    }

    @Test("Bailian: calls name the one that they continue")
    func bailian() throws {
        func line(_ id: Int, _ parent: Int, _ time: Double, _ input: Int, _ blocks: [Int]) -> String
        {
            #"{"chat_id": \#(id), "parent_chat_id": \#(parent), "timestamp": \#(time), "#
                + #""input_length": \#(input), "output_length": 8, "type": "text", "turn": 1, "#
                + #""hash_ids": \#(blocks)}"#
        }
        let trace = try TraceReader.read(
            [
                line(1, -1, 0.5, 32, [1, 2]), line(2, -1, 1, 20, [1, 9]),
                line(3, 1, 10.5, 50, [1, 2, 3, 4]), line(4, 77, 11, 16, [5]),
                line(5, 1, 12.5, 45, [1, 2, 6]),
            ].joined(separator: "\n"))
        #expect(trace.format == .bailian && trace.sessions.count == 3)
        let rounds = trace.sessions.rounds(of: 0)
        #expect(rounds.map(\.newTokens) == [32, 10, 5])
        #expect(rounds.map(\.delayAfter) == [10 * Self.second, 2 * Self.second, 0])
        // From the start of the call that each continues.
        #expect(abs((trace.statistics.gapFigures?.max ?? 0) / 12 - 1) < 0.000_25)
        #expect(trace.statistics.blockHitShare == 5.0 / 12)
        #expect(trace.notes.contains { $0.contains("does not have begin a session: 1.") })
        #expect(message(line(1, -1, -2, 1, [])).hasPrefix("Line 1, timestamp: found -2"))
        #expect(
            message(line(1, -1, 2, 1, [1]).replacing("[1]", with: "[1, null]"))
                .hasPrefix("Line 1, hash_ids[1]: found nothing, expected a whole number"))
    }

    @Test("LLMServingSim: single requests and sessions with tools")
    func servingSim() throws {
        let trace = try TraceReader.read(
            """
            {"input_toks": 40, "output_toks": 7, "arrival_time_ns": 2000, "input_tok_ids": [1, 2]}
            {"session_id": "s", "arrival_time_ns": 5000, "sub_requests": [{"input_toks": 10, "output_toks": 4, "tool_duration_ns": 900}, {"input_toks": 20, "output_toks": 3, "tool_duration_ns": 0}]}
            """)
        #expect(trace.format == .llmServingSim)
        #expect(trace.sessions.arrivals == [0, 3000])
        #expect(trace.sessions.rounds.map(\.newTokens) == [40, 10, 6])
        #expect(trace.sessions.rounds.map(\.delayAfter) == [0, 900, 0])
        #expect(
            message(#"{"arrival_time_ns": 0, "sub_requests": [{"input_toks": 1}]}"#)
                .hasPrefix("Line 1, sub_requests[0].output_toks: found nothing"))
        #expect(
            message(#"{"arrival_time_ns": 0, "sub_requests": []}"#)
                .hasPrefix("Line 1, sub_requests: found an empty list"))
    }

    @Test("requests with hashes may be a little out of order, as a stream no more than that")
    func order() throws {
        func line(_ time: Int) -> String {
            #"{"timestamp": \#(time), "input_length": 5, "output_length": 1, "hash_ids": [\#(time)]}"#
        }
        var times = Array(0..<20_000)
        for place in stride(from: 0, to: times.count - 3000, by: 5000) {
            times.swapAt(place, place + 3000)
        }
        let text = times.map(line).joined(separator: "\n")
        let figures = try TraceReader.read(text, for: .figures)
        #expect(figures.statistics.arrivals?.count == 20_000)
        #expect(figures.statistics.arrivals?.late == 0)
        #expect(figures.statistics == (try TraceReader.read(text).statistics))
        let late = text + "\n" + line(3)
        #expect(try TraceReader.read(late).sessions.count == 20_001)
        do {
            _ = try TraceReader.read(late, for: .figures)
            Issue.record("read")
        } catch {
            #expect(
                error.description.hasPrefix("Line 20001, timestamp: found 3.0, expected no time"))
        }
    }

    @Test("names and hashes of one file mean nothing in the next")
    func files() throws {
        func sessions(_ texts: String...) throws -> Int {
            var reader = TraceReader()
            for text in texts {
                try reader.begin(file: "part")
                try reader.read(Array(text.utf8))
            }
            return try reader.finish().sessions.count
        }
        let rows = "session_id,new_tokens,output_tokens\n0,1,1\n0,1,1\n"
        #expect(try sessions(rows, rows) == 2)
        let burst = "Timestamp,Session ID,Request tokens,Response tokens\n0,a,5,2\n9,a,9,2\n"
        #expect(try sessions(burst, burst) == 2)
        func hashes(_ time: Int, _ tokens: Int) -> String {
            #"{"timestamp": \#(time), "input_length": \#(tokens), "output_length": 8, "hash_ids": [0, 1]}"#
        }
        #expect(try sessions(hashes(0, 1000), hashes(9, 1024)) == 2)
        #expect(try sessions(hashes(0, 1000) + "\n" + hashes(9, 1024)) == 1)
    }

    @Test("times at the end of what can be read, dates that there are")
    func limits() throws {
        let late = (0..<4).map {
            #"{"timestamp": \#($0 < 2 ? 0 : 9_000_000_000_000), "input_length": 5, "output_length": 1, "hash_ids": [\#($0)]}"#
        }.joined(separator: "\n")
        #expect(try TraceReader.read(late).sessions.count == 4)
        #expect(CalendarTime.nanoseconds("2024-02-29 00:00:00") != nil)
        for date in ["2023-02-29", "2100-02-29", "2023-11-31", "2023-04-31"] {
            #expect(CalendarTime.nanoseconds("\(date) 00:00:00") == nil, "\(date)")
        }
        #expect(CalendarTime.nanoseconds("1970-01-01T00:00:00+05:00") == nil)
        let exact =
            #"{"arrival_time_ns": \#(1_700_000_000_000_000_001), "input_toks": 1, "output_toks": 1}"#
        let next = exact.replacing("001,", with: "100,")
        #expect(try TraceReader.read(exact + "\n" + next).sessions.arrivals == [0, 99])
    }
}
