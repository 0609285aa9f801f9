import ServingDomain
import Testing

@testable import Workloads

@Suite("Traces of texts and spans")
struct TextTraceTests {
    private func read(_ text: String, _ characters: Double = 1) throws -> RecordedTrace {
        var reader = TraceReader(counting: TokenCounter(charactersPerToken: characters))
        try reader.begin(file: "tooleval_x_CoT_G2_y.json")
        try reader.read(Array(text.utf8))
        return try reader.finish()
    }

    private func message(_ text: String) -> String {
        do {
            return "\(try read(text).format)"
        } catch {
            return "\(error)"
        }
    }

    @Test("tokens of a text, rounded up")
    func counter() {
        #expect(TokenCounter().tokens("") == 0)
        #expect(TokenCounter().tokens("abcde") == 2)
        #expect(TokenCounter(charactersPerToken: 0).tokens("é") == 10)
    }

    @Test("SWE-agent: observations are the new tokens of the next step, tools its delay")
    func sweAgent() throws {
        let trace = try read(
            """
            {"history": [{"role": "system", "content": "12345"},
                         {"role": "user", "content": [{"type": "text", "text": "123"}]},
                         {"role": "assistant", "content": "no"}],
             "trajectory": [{"response": "1234", "observation": "123456", "execution_time": 0.5},
                            {"response": "12", "observation": "1", "execution_time": 2}]}
            """)
        #expect(trace.format == .sweAgent && trace.statistics.areEstimates)
        #expect(trace.sessions.rounds.map(\.newTokens) == [8, 6])
        #expect(trace.sessions.rounds.map(\.outputTokens) == [4, 2])
        #expect(trace.sessions.rounds.map(\.delayAfter) == [500_000_000, 0])
        #expect(message(#"{"trajectory": []}"#).hasPrefix("trajectory: found a list"))
        #expect(
            message(#"{"trajectory": [{"response": 4}]}"#)
                .hasPrefix("trajectory[0].response: found 4"))
    }

    @Test("ToolBench in its three forms")
    func toolBench() throws {
        let search = try read(
            """
            {"answer_generation": {"query": "q", "function": [], "query_count": 9, "train_messages": [[
              {"role": "system", "content": "12"}, {"role": "user", "content": "3"},
              {"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{}"}},
              {"role": "function", "content": "12345"},
              {"role": "assistant", "content": "end"}]]}}
            """)
        // "[]" is the list of tools.
        #expect(search.sessions.rounds.map(\.newTokens) == [5, 5])
        #expect(search.sessions.rounds.map(\.outputTokens) == [3, 3])
        let chain = try read(
            """
            {"trys": [{"chain": [
               {"node_type": "Thought", "description": "12"}, {"node_type": "Action", "description": "3"},
               {"node_type": "Action Input", "description": "4", "observation": "123"},
               {"node_type": "Thought", "description": "12345"}]}],
             "answer_generation": {"query": "12345", "function": null}}
            """)
        #expect(chain.sessions.rounds.map(\.newTokens) == [440, 3])
        #expect(chain.sessions.rounds.map(\.outputTokens) == [4, 5])
        let tree = try read(
            """
            {"17": {"query": "123", "available_tools": [], "answer": {"answer_details": [
              {"role": "user", "message": "x", "next": [{"role": "tool", "message": "12", "next": [
                {"role": "assistant", "message": "why", "next": [
                  {"role": "tool", "message": "1234", "next": []}]}]}]}]}}}
            """)
        #expect(tree.format == .toolBench)
        #expect(tree.sessions.rounds.map(\.outputTokens) == [2, 4])
        #expect(tree.sessions.rounds.first?.newTokens == 440)
        #expect(tree.statistics.details.map(\.name).first == "tooleval_G2_y")
    }

    private static func span(
        _ id: String, _ start: Int, _ end: Int, _ messages: String, more: String = ""
    ) -> String {
        #"{"span_id": "\#(id)", "trace_id": "t", "start_time": "2026-02-25T12:00:\#(start)", "#
            + #""end_time": "2026-02-25T12:00:\#(end)", "attributes": {"gen_ai.input.messages": "#
            + #""[\#(messages)]", "gen_ai.output.text": "12345"\#(more)}}"#
    }

    private static func said(_ text: String, _ role: String = "user") -> String {
        #"{\"role\": \"\#(role)\", \"content\": \"\#(text)\"}"#
    }

    @Test("spans go on with the call whose messages theirs begin with, others are started by it")
    func spans() throws {
        let opening = Self.said("1234")
        let trace = try read(
            #"{"trace_id": "t", "spans": ["#
                + [
                    Self.span("a", 10, 12, opening),
                    Self.span("b", 13, 20, Self.said("12", "system")),
                    Self.span(
                        "c", 21, 22,
                        [opening, Self.said("12345", "assistant"), Self.said("1")]
                            .joined(separator: ", ")),
                ].joined(separator: ", ") + "]}")
        #expect(trace.format == .openTelemetry && trace.sessions.count == 2)
        #expect(trace.sessions.jobCount == 1)
        // The last prompt is the first, the answer to it, and one more.
        #expect(trace.sessions.rounds(of: 0).map(\.newTokens) == [4, 1])
        #expect(trace.sessions.rounds(of: 0).map(\.delayAfter) == [9_000_000_000, 0])
        #expect(trace.sessions.rounds(of: 1).map(\.newTokens) == [2])
    }

    @Test(
        "OTLP with counts, and OpenInference; spans that failed or are something else are left out")
    func exported() throws {
        func span(_ attributes: String, more: String = "") -> String {
            #"{"traceId": "x", "startTimeUnixNano": "5", "endTimeUnixNano": "9", "attributes": [\#(attributes)]\#(more)}"#
        }
        func attribute(_ name: String, _ value: Int) -> String {
            #"{"key": "\#(name)", "value": {"intValue": "\#(value)"}}"#
        }
        let counts = [
            attribute("gen_ai.usage.input_tokens", 70), attribute("gen_ai.usage.output_tokens", 8),
        ].joined(separator: ",")
        let inference = [
            attribute("llm.token_count.prompt", 90), attribute("llm.token_count.completion", 4),
        ].joined(separator: ",")
        let trace = try read(
            #"{"resourceSpans": [{"scopeSpans": [{"spans": ["#
                + [
                    span(counts), span(""), span(counts, more: #", "status": {"code": 2}"#),
                    span(inference).replacing(#""x""#, with: #""y""#),
                ].joined(separator: ",") + "]}]}]}")
        #expect(trace.sessions.rounds.map(\.newTokens) == [70, 90])
        #expect(trace.sessions.rounds.map(\.outputTokens) == [8, 4])
        #expect(!trace.statistics.areEstimates)
        #expect(trace.notes.contains("Spans that failed were left out: 1."))
        #expect(trace.notes.contains("Spans that are no calls of a model: 1."))
    }

    @Test("ServeGen's profiles have figures, and requests are drawn from them")
    func profiles() throws {
        var reader = TraceReader()
        try reader.begin(file: "chunk-7-dataset.json")
        try reader.read(
            Array(
                #"{"0": {"input_tokens": "{}", "output_tokens": "{}"}, "21600": {"input_tokens": "{10: 0.5, 30: 0.5}", "output_tokens": "{4: 1.0}"}}"#
                    .utf8))
        try reader.begin(file: "chunk-7-trace.csv")
        try reader.read(Array("0,2,1.5,Gamma,1,1\n600,0,0,,0,0\n1200,4,3,Weibull,1,1\n".utf8))
        let trace = try reader.finish()
        #expect(trace.format == .serveGen)
        // Of a window with 1 request per second by the scale, and one with as many.
        let sessions = trace.sessions
        #expect((sessions.count - 1_200).magnitude < 4 * 35)
        #expect(trace.statistics.calls == sessions.count)
        #expect(
            sessions.rounds.allSatisfy { [10, 30].contains($0.newTokens) && $0.outputTokens == 4 })
        let long = sessions.rounds.count { $0.newTokens == 30 }
        #expect((2 * long - sessions.count).magnitude < 4 * 35)
        // Windows of the first, none in the second, and the third from 1,200 s on.
        let seconds = sessions.arrivals.map { $0 / 1_000_000_000 }
        #expect(!seconds.contains { (600..<1199).contains($0) } && (seconds.last ?? 0) > 1_700)
        guard case .group(let figures)? = trace.statistics.details.first?.value else {
            Issue.record("no client")
            return
        }
        func value(_ name: String) -> TraceDetail.Value? {
            figures.first { $0.name == name }?.value
        }
        #expect(trace.statistics.details.map(\.name) == ["chunk-7"])
        #expect(value("windows") == .count(3) && value("active_windows") == .count(2))
        #expect(value("requests_est") == .number(3600))
        #expect(value("cv_rate_weighted") == .number(2.5))
        #expect(value("input_tokens_mean_of_windows") == .number(20))
        // Without lengths nothing is drawn.
        let bare = try TraceReader.read("0,2,1.5,Gamma,1,1\n600,2,1,,1,1\n")
        #expect(bare.sessions.count == 0 && bare.statistics.calls == 0)
        // Clients of the same name in different folders are two, and a file of another kind is none.
        var folders = TraceReader()
        for folder in ["x", "y"] {
            try folders.begin(file: "\(folder)/chunk-7-trace.csv")
            try folders.read(Array("0,2,1.5,Gamma,1,1\n".utf8))
        }
        try folders.begin(file: "other-thing.txt")
        #expect(try folders.finish().statistics.details.map(\.name) == ["x/chunk-7", "y/chunk-7"])
        #expect(
            message("0,2,1.5,Gamma,1,1\n600,-1,0,,0,0").hasPrefix("Line 2: found '600,-1,0,,0,0'"))
    }
}
