import ServingDomain
import Testing
import Workloads

@Suite("Our own trace formats")
struct RoundTraceTests {
    @Test("a CSV of rounds becomes sessions in order of arrival, the earliest at 0")
    func csv() throws {
        let trace = try TraceReader.read(
            """
            # two sessions, the second to arrive is written first
            session_id,round,arrival_s,new_tokens,output_tokens,delay_after_s
            b,1,12.5,100,10,0.25
            a,0,10,7,1,
            b,2,,30,20,
            a,1,10,8,2,3
            """)
        #expect(trace.format == .sessionsCSV && trace.notes.isEmpty)
        #expect(trace.sessions.arrivals == [0, 2_500_000_000])
        #expect(
            Array(trace.sessions.rounds(of: 0)) == [round(7, 1, 0), round(8, 2, 0)])
        #expect(
            Array(trace.sessions.rounds(of: 1)) == [round(100, 10, 250_000_000), round(30, 20, 0)])
    }

    @Test("a prompt that is sent again is a round that has all of it, and is noted")
    func retry() throws {
        let trace = try TraceReader.read(
            """
            session_id,new_tokens,output_tokens,history_tokens
            a,100,10,
            a,20,5,
            a,1,7,129
            a,30,3,
            """)
        let prompts = (0..<4).map { trace.sessions.histories.tokens(ofRound: $0) }
        #expect(prompts == [.max, .max, 129, .max])
        #expect(trace.notes.contains { $0.hasSuffix("or an answer that is asked for again: 1.") })
    }

    @Test("a CSV without sessions is one round per line, in any order of columns")
    func flat() throws {
        let trace = try TraceReader.read(
            "output_tokens, arrival_s ,new_tokens,model\r\n5,1,50,\"a,b\"\r\n6,0.5,60,c\r\n")
        #expect(trace.sessions.arrivals == [0, 500_000_000])
        #expect(trace.sessions.rounds == [round(60, 6, 0), round(50, 5, 0)])
        #expect(trace.notes == ["Columns that are not read: model."])
    }

    @Test("a CSV without arrivals says that they are drawn")
    func withoutArrivals() throws {
        let trace = try TraceReader.read("new_tokens,output_tokens\n1,2\n3,4")
        #expect(trace.sessions.meanRate == nil)
        #expect(
            trace.notes == [
                "The trace has no arrival_s: arrivals follow the law of the run instead."
            ])
    }

    @Test("quoted fields may hold commas and quotes")
    func quotes() throws {
        let rows = [
            "session_id,new_tokens,output_tokens", #""say ""a,b""",1,2"#, #""say ""a,b""",3,"4""#,
            "say a,1,2",
        ]
        let trace = try TraceReader.read(rows.joined(separator: "\n"))
        #expect(trace.sessions.count == 2)
        #expect(trace.sessions.rounds(of: 0).map(\.outputTokens) == [2, 4])
    }

    @Test("lengths of 0 count as 1, and a note says how many")
    func zeros() throws {
        let trace = try TraceReader.read("new_tokens,output_tokens,arrival_s\n0,0,1\n5,0,2")
        #expect(trace.sessions.rounds == [round(1, 1, 0), round(5, 1, 0)])
        #expect(
            trace.notes == [
                "Rounds without new prompt tokens, counted as 1 token: 1.",
                "Rounds without output tokens, counted as 1 token: 2.",
            ])
    }

    @Test("a JSON session per line")
    func jsonl() throws {
        let lines = [
            #"{"arrival_s": 3, "rounds": [{"new_tokens": 9, "output_tokens": 4}]}"#, "",
            #"{"arrival_s": 1.5, "id": "x", "rounds": ["#
                + #"{"new_tokens":5,"output_tokens":2,"delay_after_s":0.1},"#
                + #"{"new_tokens":6,"output_tokens":3,"delay_after_s":7}]}"#,
        ]
        let trace = try TraceReader.read(lines.joined(separator: "\n"))
        #expect(trace.format == .sessionsJSONL && trace.notes.isEmpty)
        #expect(trace.sessions.arrivals == [0, 1_500_000_000])
        #expect(
            Array(trace.sessions.rounds(of: 0)) == [round(5, 2, 100_000_000), round(6, 3, 0)])
    }

    @Test("arrivals on a coarse clock are kept, and a note says so")
    func coarse() throws {
        let rows = (0..<12).map { "\($0 / 4),10,10" }.joined(separator: "\n")
        let trace = try TraceReader.read("arrival_s,new_tokens,output_tokens\n" + rows)
        #expect(Set(trace.sessions.arrivals) == [0, 1_000_000_000, 2_000_000_000])
        #expect(trace.notes.count == 1 && trace.notes[0].contains("1.0 s apart"))
    }

    @Test("chunks may end anywhere", arguments: [1, 2, 3, 7, 1_000])
    func chunks(size: Int) throws {
        let text = "\u{FEFF}session_id,new_tokens,output_tokens,arrival_s\nä,1,2,0\nß,3,4,1\n\n"
        let bytes = Array(text.utf8)
        var reader = TraceReader()
        for start in stride(from: 0, to: bytes.count, by: size) {
            try reader.read(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        let sessions = try reader.finish().sessions
        #expect(sessions == (try TraceReader.read(text, format: .sessionsCSV).sessions))
        #expect(sessions.count == 2)
    }

    private func round(_ new: Int, _ output: Int, _ delay: Int64) -> RoundScript {
        RoundScript(newTokens: new, outputTokens: output, delayAfter: delay)
    }
}
