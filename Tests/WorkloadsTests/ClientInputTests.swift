import ServingDomain
import Testing
import Workloads

@Suite("What benchmark clients send")
struct ClientInputTests {
    @Test(
        "turns of Mooncake's lines with named sessions: what is new, or whole prompts by their blocks"
    )
    func mooncakeSessions() throws {
        let trace = try TraceReader.read(
            """
            {"session_id": "a", "timestamp": 1000, "input_length": 600, "output_length": 50, "hash_ids": [1, 2]}
            {"session_id": 7, "timestamp": 1500, "input_length": 90, "output_length": 10}
            {"session_id": "a", "delay": 250, "input_length": 700, "output_length": 20, "hash_ids": [1, 5]}
            {"session_id": 7, "timestamp": 4000, "input_length": 30, "output_length": 10}
            {"session_id": 7, "input_length": 40, "output_length": 10}
            """)
        #expect(trace.format == .mooncakeSessions)
        let table = trace.sessions
        #expect(table.count == 2 && table.arrivals == [0, 500_000_000])
        // 700 tokens with the first block of the prompt before, of which 600 and the answer are known.
        #expect(table.rounds(of: 0).map(\.newTokens) == [600, 50])
        #expect(table.rounds(of: 0).map(\.delayAfter) == [250_000_000, 0])
        #expect(table.rounds(of: 1).map(\.newTokens) == [90, 30, 40])
        #expect(table.rounds(of: 1).map(\.delayAfter) == [2_500_000_000, 0, 0])
        #expect(trace.statistics.prompts.figures?.max == 700)
        #expect(trace.notes.count == 3 && !trace.statistics.areEstimates)
    }

    @Test("texts and messages are counted, deltas behind what was said before")
    func texts() throws {
        let trace = try TraceReader.read(
            """
            {"session_id": "a", "messages": [{"role": "user", "content": "12345678"}], "output_length": 5, "timestamp": 0}
            {"session_id": "a", "messages": [{"role": "user", "content": "12345678"}, {"role": "assistant", "content": "1234567890123456"}, {"role": "user", "content": "1234"}], "output_length": 5, "timestamp": 2000}
            {"session_id": "b", "message_mode": "delta", "messages": [{"role": "user", "content": "12345678"}], "output_length": 5, "timestamp": 0}
            {"session_id": "b", "message_mode": "delta", "messages": [{"role": "user", "content": "1234"}], "output_length": 5, "delay": 2000}
            {"session_id": "c", "text_input": "123456789", "timestamp": 9}
            """)
        #expect(trace.format == .mooncakeSessions && trace.statistics.areEstimates)
        // Seven tokens of the second prompt, where seven were said: none is new, and 1 is computed.
        #expect(trace.sessions.rounds(of: 0).map(\.newTokens) == [2, 1])
        #expect(trace.sessions.rounds(of: 1).map(\.newTokens) == [2, 1])
        #expect(trace.sessions.rounds(of: 2).map(\.newTokens) == [3])
        #expect(trace.sessions.rounds(of: 2).map(\.outputTokens) == [1])
        #expect(trace.statistics.prompts.figures?.max == 8)
    }

    @Test("a turn that cannot be is told by its line and field")
    func faults() {
        for (text, words) in [
            (
                #"{"session_id": [], "timestamp": 1, "input_length": 6, "output_length": 5}"#,
                ["Line 1", "session_id"]
            ),
            (
                #"{"session_id": "a", "timestamp": 9, "input_length": 6, "output_length": 5}"#
                    + "\n"
                    + #"{"session_id": "a", "timestamp": 8, "input_length": 6, "output_length": 5}"#,
                ["Line 2", "timestamp", "9.0 or more"]
            ),
            (
                #"{"session_id": "a", "timestamp": 9, "input_length": -6, "output_length": 5}"#,
                ["Line 1", "input_length", "'-6'"]
            ),
        ] {
            let error = #expect(throws: WorkloadError.self) { try TraceReader.read(text) }
            for word in words {
                #expect(
                    error?.description.contains(word.replacing("'", with: "")) == true, "\(word)")
            }
        }
    }

    @Test("conversations: an answer ends a round, whatever comes before it")
    func conversations() throws {
        let trace = try TraceReader.read(
            """
            [{"id": "x", "messages": [
                {"role": "system", "content": "12345678"}, {"role": "user", "content": "1234"},
                {"role": "assistant", "content": "12345678901234567890"},
                {"role": "user", "content": [{"type": "text", "text": "1234"}]},
                {"role": "tool", "content": "12345678"}, {"role": "assistant", "content": "1234"},
                {"role": "user", "content": "bye"}]},
             {"id": "y", "messages": [
                {"role": "user", "content": "1234"}, {"role": "assistant", "content": "1234"}]}]
            """)
        #expect(trace.format == .vllmMultiTurn && trace.sessions.count == 2)
        #expect(trace.sessions.rounds(of: 0).map(\.newTokens) == [3, 3])
        #expect(trace.sessions.rounds(of: 0).map(\.outputTokens) == [5, 1])
        #expect(trace.notes.contains { $0.contains("behind the last answer of a conversation: 1") })
    }

    @Test("laws of conversations are drawn with their common prefix")
    func laws() throws {
        let text = """
            {"filetype": "generate_conversations", "num_conversations": 4000, "text_files": ["t.txt"],
             "prompt_input": {
                "num_turns": {"distribution": "uniform", "min": 3, "max": 6},
                "common_prefix_num_tokens": {"distribution": "constant", "value": 500},
                "prefix_num_tokens": {"distribution": "lognormal", "average": 1000, "max": 5000},
                "num_tokens": {"distribution": "uniform", "min": 120, "max": 160}},
             "prompt_output": {"num_tokens": {"distribution": "poisson", "alpha": 80, "max": 100}}}
            """
        let trace = try TraceReader.read(text)
        let table = trace.sessions
        #expect(trace.format == .vllmMultiTurn && table.count == 4000)
        // Three and four messages are two rounds, five and six are three.
        let rounds = (0..<4000).map { table.rounds(of: $0).count }
        #expect(Set(rounds) == [2, 3])
        let twos = Double(rounds.count { $0 == 2 }) / 4000
        #expect((twos - 0.5).magnitude < 0.04)
        let later = (0..<4000).flatMap { (session: Int) -> [Int] in
            table.rounds(of: session).dropFirst().map { Int($0.newTokens) }
        }
        #expect(later.min() == 120 && later.max() == 160)
        let first = (0..<4000).map { Double(table.rounds[table.firstRound[$0]].newTokens) }
        // 500, 1,000 and 140 on average; a median ratio of 0.85 is a variation of 0.62.
        let mean = first.reduce(0, +) / 4000
        #expect((mean - 1640).magnitude < 4 * 620 / 63 + 10)
        let answers = table.rounds.map { Double($0.outputTokens) }
        #expect((answers.reduce(0, +) / Double(answers.count) - 80).magnitude < 1)
        #expect(answers.max() == 100)
        #expect(table.prefixes.segmentTokens == [500])
        #expect(try TraceReader.read(text).sessions == table)
        let zipf = text.replacing(
            #""distribution": "poisson", "alpha": 80, "max": 100"#,
            with: #""distribution": "zipf", "alpha": 2, "max": 50"#)
        let tails = try TraceReader.read(zipf).sessions.rounds.map { Int($0.outputTokens) }
        // 6 / π² are 1, and none is above the cap.
        let ones = Double(tails.count { $0 == 1 }) / Double(tails.count)
        #expect((ones - 0.6079).magnitude < 0.02)
        #expect(tails.max() == 50)
    }

    @Test("a law that cannot be is told by its place")
    func lawFaults() {
        func message(_ part: String, _ fault: String) -> String {
            let text = """
                {"filetype": "generate_conversations", "num_conversations": 5, "prompt_input": {"num_turns": \
                {"distribution": "constant", "value": 4}, "prefix_num_tokens": {"distribution": "constant", \
                "value": 0}, "num_tokens": {"distribution": "uniform", "min": 5, "max": 9}}, "prompt_output": \
                {"num_tokens": {"distribution": "constant", "value": 7}}}
                """
            let error = #expect(throws: WorkloadError.self) {
                try TraceReader.read(text.replacing(part, with: fault))
            }
            return error?.description ?? ""
        }
        #expect(message(#""num_conversations": 5"#, #""num_conversations": 0"#).contains("1000000"))
        #expect(message("uniform", "normal").contains("prompt_input.num_tokens.distribution"))
        #expect(message(#""max": 9"#, #""max": 2"#).contains("prompt_input.num_tokens.max"))
        #expect(message("prompt_output", "output").contains("prompt_output.num_tokens"))
    }
}
