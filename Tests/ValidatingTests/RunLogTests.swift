import Foundation
import ServingDomain
import Testing

@testable import Validating

@Suite("Logs of runs")
struct RunLogTests {
    private func runs(_ text: String) throws -> [RunLog] {
        #expect(RunLog.isLog(Data(text.utf8)))
        return try RunLog.runs(Data(text.utf8))
    }

    private func message(_ text: String) -> String {
        do {
            _ = try RunLog.runs(Data(text.utf8))
            return "accepted"
        } catch {
            return error.description
        }
    }

    private static func bench(_ more: String) -> String {
        """
        {"backend": "vllm", "model_id": "org/model", "completed": 4, "total_input_tokens": 400,
         "total_output_tokens": 80, "mean_ttft_ms": 50.5, "mean_tpot_ms": 9.5, \(more)}
        """
    }

    @Test("a result of vllm bench serve in a closed loop is so many requests of its mean lengths")
    func closed() throws {
        let text = Self.bench(#""request_rate": "inf", "max_concurrency": 2, "tp": "4""#)
        let run = try #require(try runs(text).first)
        #expect(run.format == .bench)
        #expect(run.pace == .closed(places: 2))
        #expect(run.measured == MeanLatencies(ttft: 50.5, tpot: 9.5))
        #expect(run.requests.count == 4)
        #expect(run.requests.rounds.allSatisfy { $0.newTokens == 100 && $0.outputTokens == 20 })
        #expect(
            run.columns == [
                "model": "org/model", "backend": "vllm", "tp_size": "4", "isl": "100", "osl": "20",
                "ttft_ms": "50.5", "tpot_ms": "9.5",
            ])
        let load = run.workload(places: nil)
        #expect(load.arrivals == .closed && load.concurrency == 2)
        #expect(run.workload(places: 3).concurrency == 3)
    }

    @Test("one without a limit has all requests under way at once")
    func burst() throws {
        let run = try #require(try runs(Self.bench(#""request_rate": "inf""#)).first)
        #expect(run.pace == .closed(places: 4))
    }

    @Test("one at a rate has gaps of its burstiness, or its own starts where they are in it")
    func open() throws {
        let drawn = try #require(
            try runs(Self.bench(#""request_rate": 8, "burstiness": 4, "max_concurrency": null"#))
                .first)
        #expect(drawn.pace == .open(Rate(sessionsPerSecond: 8), cv: 0.5, places: nil))
        // 8 a second, each 50.5 + 19 · 9.5 = 231 ms long: 1.8 at a time.
        #expect(drawn.inFlight == 2)
        let detailed = #"""
            "request_rate": 8, "burstiness": 1, "input_lens": [10, 20, 30, 40],
            "output_lens": [5, 0, 7, 8], "start_times": [3.5, 3.6, 3.0, 4.0]
            """#
        let timed = try #require(try runs(Self.bench(detailed)).first)
        #expect(timed.pace == .recorded)
        // In order of their starts, without the one that failed.
        #expect(timed.requests.rounds.map(\.newTokens) == [30, 10, 40])
        #expect(timed.requests.arrivals == [0, 500_000_000, 1_000_000_000])
        let load = timed.workload(places: nil)
        #expect(load.arrivals == .replay && load.rate.sessionsPerSecond == 2)
    }

    @Test("results that were appended to each other are several runs")
    func appended() throws {
        let line = Self.bench(#""max_concurrency": 2"#).replacing("\n", with: " ")
        #expect(try runs("\(line)\n\(line)\n").count == 2)
        #expect(try runs("[\(line), \(line)]").count == 2)
    }

    @Test("AIPerf's summary, with the units that it states")
    func aiperf() throws {
        let run = try #require(
            try runs(
                """
                {"time_to_first_token": {"unit": "s", "avg": 0.25},
                 "inter_token_latency": {"unit": "ms", "avg": 12.5},
                 "input_sequence_length": {"unit": "tokens", "avg": 550.4},
                 "output_sequence_length": {"unit": "tokens", "avg": 128},
                 "request_count": {"unit": "requests", "avg": 40},
                 "input_config": {"endpoint": {"model_names": ["org/model"]},
                                  "loadgen": {"concurrency": 8, "warmup_request_count": 2}}}
                """
            ).first)
        #expect(run.format == .aiperf && run.pace == .closed(places: 8))
        #expect(run.measured == MeanLatencies(ttft: 250, tpot: 12.5))
        #expect(run.requests.count == 40)
        #expect(run.columns["model"] == "org/model" && run.columns["isl"] == "550")
    }

    private static func summary(_ settings: String) -> String {
        """
        {"time_to_first_token": {"avg": 250}, "inter_token_latency": {"avg": 12.5},
         "input_sequence_length": {"avg": 550}, "output_sequence_length": {"avg": 128},
         "request_count": {"avg": 40}, "input_config": \(settings)}
        """
    }

    @Test("AIPerf's settings by phases: that which was measured counts")
    func phases() throws {
        let warm = #"{"name": "warmup", "type": "concurrency", "concurrency": 2}"#
        func pace(_ phase: String) throws -> RunLog.Pace? {
            let settings =
                #"{"models": {"items": [{"name": "org/m"}]}, "phases": [\#(warm), \#(phase)]}"#
            let run = try runs(Self.summary(settings)).first
            #expect(run?.columns["model"] == "org/m")
            return run?.pace
        }
        #expect(
            try pace(#"{"name": "profiling", "type": "concurrency", "concurrency": 8}"#)
                == .closed(places: 8))
        #expect(
            try pace(#"{"name": "profiling", "type": "gamma", "rate": 5, "smoothness": 4}"#)
                == .open(Rate(sessionsPerSecond: 5), cv: 0.5, places: nil))
        #expect(
            message(Self.summary(#"{"phases": [{"type": "user_centric", "rate": 5}]}"#)).contains(
                "of a schedule or of users"))
        #expect(
            message(Self.summary(#"{"input": {"conversation": {"turn": {"mean": 3}}}}"#)).contains(
                "conversations of 3.0 turns"))
        #expect(
            message(Self.summary(#"{"loadgen": {"concurrency": 0}}"#)).contains("concurrency 0"))
    }

    @Test("Python's own words for what is no finite number are read as such")
    func nonFinite() throws {
        let run = try #require(
            try runs(Self.bench(#""request_rate": Infinity, "note": "a \"NaN, Infinity""#)).first)
        #expect(run.pace == .closed(places: 4))
        #expect(message(Self.bench(#""request_rate": NaN"#)).contains("request_rate: found NaN"))
        #expect(
            message(Self.bench(#""x": 1"#).replacing("50.5", with: "NaN")).contains(
                "mean_ttft_ms: found NaN"))
    }

    private static func record(_ start: Int, _ metadata: String = "", error: String = "null")
        -> String
    {
        #"{"metadata": {"request_start_ns": \#(start), "benchmark_phase": "profiling""#
            + metadata
            + #"}, "metrics": {"input_sequence_length": {"value": 550, "unit": "tokens"},"#
            + #" "output_sequence_length": {"value": 9, "unit": "tokens"},"#
            + #" "time_to_first_token": {"value": \#(start / 1_000_000), "unit": "ms"},"#
            + #" "inter_token_latency": {"value": 5, "unit": "ms"}}, "error": \#(error)}"#
    }

    @Test("AIPerf's records, without those that warmed up, were cancelled or failed")
    func records() throws {
        let run = try #require(
            try runs(
                [
                    Self.record(3_000_000), Self.record(1_000_000),
                    Self.record(9_000_000, #", "was_cancelled": true"#),
                    Self.record(9_000_000, error: #"{"code": 500}"#),
                    Self.record(9_000_000).replacing("profiling", with: "warmup"),
                ].joined(separator: "\n")
            ).first)
        #expect(run.format == .aiperfRecords && run.pace == .recorded)
        #expect(run.measured == MeanLatencies(ttft: 2, tpot: 5))
        #expect(run.requests.arrivals == [0, 2_000_000])
        #expect(
            message(Self.record(1_000_000, #", "turn_index": 1"#)).contains(
                "line 1: found a second turn"))
    }

    private static func span(_ attributes: [(String, String)]) -> String {
        let listed = attributes.map { #"{"key": "\#($0.0)", "value": \#($0.1)}"# }
        return #"{"name": "llm_request", "startTimeUnixNano": "1000000000","#
            + #" "endTimeUnixNano": "2000000000", "attributes": [\#(listed.joined(separator: ","))]}"#
    }

    private static func exported(_ spans: String...) -> String {
        #"{"resourceSpans": [{"scopeSpans": [{"spans": [\#(spans.joined(separator: ","))]}]}]}"#
    }

    private static let tokens = [
        ("gen_ai.usage.prompt_tokens", #"{"intValue": "100"}"#),
        ("gen_ai.usage.completion_tokens", #"{"intValue": "11"}"#),
        ("gen_ai.latency.time_to_first_token", #"{"doubleValue": 0.25}"#),
    ]

    @Test("OpenTelemetry's spans of requests; others are not looked at")
    func spans() throws {
        let whole = Self.tokens + [("gen_ai.latency.e2e", #"{"doubleValue": 0.75}"#)]
        let named = Self.tokens + [("gen_ai.response.model", #"{"stringValue": "org/model"}"#)]
        let text = Self.exported(Self.span(whole), Self.span([]))
        let run = try #require(try runs("\(text)\n\(Self.exported(Self.span(named)))").first)
        #expect(run.format == .spans && run.requests.count == 2)
        // 500 ms for ten tokens, and 750 ms by the ends of the span.
        #expect(run.measured == MeanLatencies(ttft: 250, tpot: 62.5))
        #expect(run.columns["model"] == "org/model")
        // Both came at one instant, which is no pattern.
        #expect(run.workload(places: nil).concurrency == 2)
    }

    @Test("what cannot be read says what was found and what was expected")
    func refusals() {
        #expect(message("{}").contains("no known log"))
        #expect(message("[1]").contains("no objects"))
        #expect(message("{\"a\": 1}\n{nothing}").contains("Line 2 is no JSON object"))
        #expect(message("[]").contains("empty"))
        #expect(
            message(#"{"mean_ttft_ms": 5, "completed": 3}"#).contains("found no mean_tpot_ms"))
        #expect(
            message(Self.bench(#""request_rate": 0"#)).contains(
                "found request_rate 0.0 with burstiness 1.0"))
        #expect(
            message(Self.bench(#""max_concurrency": 0"#)).contains("max_concurrency: found 0.0"))
        #expect(
            message(#"{"mean_ttft_ms": 5, "mean_tpot_ms": 1, "completed": true}"#).contains(
                "completed: found nothing"))
        let early =
            #""request_rate": 1, "input_lens": [1], "output_lens": [1], "start_times": [-9e9]"#
        #expect(
            message(Self.bench(early)).contains("start_times[0]: found a start at -9000000000.0"))
        #expect(message(Self.exported(Self.span([]))).contains("found 1 spans, none of which"))
        let short = #""input_lens": [1, 2], "output_lens": [1]"#
        #expect(message(Self.bench(short)).contains("output_lens: found 1 values, expected 2"))
        let holes = #""input_lens": [1, null], "output_lens": [1, 1]"#
        #expect(message(Self.bench(holes)).contains("input_lens: found 1 values that are no"))
        let negative = #""input_lens": [1], "output_lens": [-1]"#
        #expect(message(Self.bench(negative)).contains("-1.0 output tokens"))
        let backwards = Self.record(1_000_000).replacing("\"value\": 5,", with: "\"value\": -5,")
        #expect(message(backwards).contains("line 1: found a time of -5.0 ms"))
        #expect(
            message(Self.record(1_000_000) + "\n{\"mean_ttft_ms\": 1, \"completed\": 1}").contains(
                "Found both AIPerf records and, as value 2, vLLM bench"))
        let cached = Self.tokens + [("gen_ai.usage.cached_tokens", #"{"intValue": 60}"#)]
        #expect(message(Self.exported(Self.span(cached))).contains("60 % of the prompt tokens"))
    }

    @Test("a table may name a log for each of its deployments")
    func table() throws {
        let run = try #require(
            try runs(Self.bench(#""max_concurrency": 2"#)).first)
        let header = "id,gpu,tp_size,concurrency,log,isl"
        func rows(_ line: String) throws -> [MeasuredRow] {
            try MeasuredTable(Data("\(header)\n\(line)\n".utf8)) {
                (_) throws(RunLogError) in run
            }.rows
        }
        let row = try #require(try rows("a,h200_sxm,4,,run.json,").first)
        #expect(row.model == "org/model" && row.engine == "vllm" && row.system == "h200_sxm")
        #expect(row.load.concurrency == 2 && row.load.inputTokens == 100)
        #expect(row.load.recorded == run.workload(places: nil))
        #expect(row.measured == run.measured)
        // The engine's own default, where a table without a log would take that of benchmarks.
        #expect(row.precisions.kvCache == "bf16")
        #expect(try rows("a,h200_sxm,4,5,run.json,").first?.load.recorded?.concurrency == 5)
        #expect(throws: MeasuredTableError.self) { try rows("a,h200_sxm,4,,run.json,1024") }
        #expect(throws: MeasuredTableError.badLog(2, path: "x", reason: "not here")) {
            try MeasuredTable(Data("id,log\na,x\n".utf8)) {
                (_) throws(RunLogError) in throw RunLogError("not here")
            }
        }
    }

    @Test("what is stated beside logs counts before their own words, and lacks are told")
    func stated() throws {
        let run = try #require(
            try runs(Self.bench(#""max_concurrency": 2, "tp": 4"#)).first)
        let stated = ["gpu": "h100-sxm", "tp_size": "8"]
        let other = try #require(
            try runs(Self.bench(#""max_concurrency": 3, "tp": 4"#)).first)
        let table = try MeasuredTable(runs: [("a.json", run), ("b.json", other)], stated: stated)
        #expect(table.rows.map(\.id) == ["a.json", "b.json"])
        #expect(throws: MeasuredTableError.self) {
            try MeasuredTable(runs: [("a.json", run), ("b.json", run)], stated: stated)
        }
        #expect(table.rows.allSatisfy { $0.shards.serving.tensor == 8 })
        let lacking = try MeasuredTable(runs: [("a.json", run)], stated: [:])
        #expect(
            lacking.unusable.map(\.reason) == ["neither the log nor anything beside it gives GPU"])
    }

    @Test("a log that does not tell how requests followed each other needs a concurrency")
    func untold() throws {
        let text = """
            {"time_to_first_token": {"avg": 250}, "inter_token_latency": {"avg": 12.5},
             "input_sequence_length": {"avg": 550}, "output_sequence_length": {"avg": 128},
             "request_count": {"avg": 40}}
            """
        let run = try #require(try runs(text).first)
        #expect(run.pace == .untold && run.inFlight == nil)
        var stated = ["gpu": "h100-sxm", "tp_size": "8", "model": "m", "engine": "vllm"]
        let lacking = try MeasuredTable(runs: [("a", run)], stated: stated)
        #expect(lacking.unusable.first?.reason.contains("concurrency") == true)
        stated["concurrency"] = "4"
        stated["max_num_seqs"] = "3"
        let row = try #require(try MeasuredTable(runs: [("a", run)], stated: stated).rows.first)
        #expect(row.load.concurrency == 4 && row.load.recorded?.concurrency == 4)
        #expect(row.limits == MeasuredRow.Limits(sequences: 3))
    }
}
