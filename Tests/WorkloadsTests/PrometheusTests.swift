import ServingDomain
import Testing

@testable import Workloads

@Suite("Prometheus metrics")
struct PrometheusTests {
    private static func histogram(
        _ name: String, _ labels: String, _ buckets: [(String, Int)], sum: Int, at time: Int? = nil
    ) -> String {
        let end = time.map { " \($0)" } ?? ""
        var lines = buckets.map { "\(name)_bucket{\(labels),le=\"\($0.0)\"} \($0.1).0\(end)" }
        lines.append("\(name)_count{\(labels)} \(buckets.last?.1 ?? 0)\(end)")
        lines.append("\(name)_sum{\(labels)} \(sum)\(end)")
        return lines.joined(separator: "\n") + "\n"
    }

    /// A thousand requests, 600 of 101 to 200 prompt tokens and the others of up to 1,000.
    private static func scrape(
        times factor: Int = 1, model: String = "m", start: Double? = 1_000, at time: Int? = nil,
        prefix: String = "vllm:", labels: String = "engine=\"0\""
    ) -> String {
        let all = "\(labels),model_name=\"\(model)\""
        return "# HELP something\npython_info{version=\"3.12\"} 1.0\n"
            + (start.map { "process_start_time_seconds \($0)\n" } ?? "")
            + histogram(
                "\(prefix)request_prompt_tokens", all,
                [("100.0", 0), ("200.0", 600 * factor), ("1000.0", 1_000 * factor)]
                    + [("+Inf", 1_000 * factor)], sum: 300_000 * factor, at: time)
            + histogram(
                "\(prefix)request_generation_tokens", all,
                [("1.0", 100 * factor), ("2.0", 1_000 * factor), ("+Inf", 1_000 * factor)],
                sum: 1_900 * factor, at: time)
            + "\(prefix)prefix_cache_queries_total{\(all)} 400\n"
            + "\(prefix)prefix_cache_hits_total{\(all)} 100\n"
    }

    private func read(_ files: [String]) throws -> RecordedTrace {
        var reader = TraceReader()
        for (place, text) in files.enumerated() {
            try reader.begin(file: "\(place).prom")
            try reader.read(Array(text.utf8))
        }
        return try reader.finish()
    }

    @Test("lengths lie in their buckets, as many as there were, with the mean that is told")
    func lengths() throws {
        let trace = try TraceReader.read(Self.scrape())
        #expect(trace.format == .prometheus)
        let prompts = trace.sessions.rounds.map { Int($0.newTokens) }
        #expect(prompts.count == 1_000)
        #expect(prompts.count { (101...200).contains($0) } == 600)
        #expect(prompts.count { (201...1_000).contains($0) } == 400)
        #expect((prompts.reduce(0, +) - 300_000).magnitude < 1_000)
        let answers = trace.sessions.rounds.map { Int($0.outputTokens) }
        #expect(answers.count { $0 == 1 } == 100 && answers.count { $0 == 2 } == 900)
        // Prompts and answers are not in the same order, and arrivals are not known.
        #expect(prompts != prompts.sorted() && trace.sessions.jobArrivals.allSatisfy { $0 == 0 })
        #expect(trace.notes.contains { $0.contains("not told, so there are no arrivals") })
        #expect(
            trace.statistics.details.contains {
                $0.name == "prefix_cache_hit_share" && $0.value == .number(0.25)
            })
    }

    @Test("a rate from when counting began to when the scrape was made")
    func rate() throws {
        let trace = try read([Self.scrape(at: 1_500_000)])
        #expect(
            trace.statistics.details.contains {
                $0.name == "requests_per_s" && $0.value == .number(2)
            })
        #expect((Double(trace.sessions.jobArrivals.last ?? 0) / 1e9 - 500).magnitude < 5)
    }

    @Test(
        "a later scrape of the same server counts from the first one on, another server's is added")
    func several() throws {
        let later = try read([Self.scrape(at: 1_500_000), Self.scrape(times: 3, at: 1_600_000)])
        #expect(later.sessions.count == 2_000)
        #expect(
            later.statistics.details.contains {
                $0.name == "requests_per_s" && $0.value == .number(20)
            })
        // Without a word on when counting began, times tell; without both, nothing does.
        let timed = try read([
            Self.scrape(start: nil, at: 1_500_000),
            Self.scrape(times: 3, start: nil, at: 1_600_000),
        ])
        #expect(timed.sessions.count == 2_000)
        for files in [
            [Self.scrape(start: nil), Self.scrape(times: 3, start: nil)],
            [
                Self.scrape(times: 3, start: nil, at: 1_500_000),
                Self.scrape(start: nil, at: 1_600_000),
            ],
        ] {
            #expect(throws: WorkloadError.self) { try read(files) }
        }
        let other = try read([Self.scrape(at: 1_500_000), Self.scrape(start: 1_100, at: 1_600_000)])
        #expect(other.sessions.count == 2_000)
        #expect(
            other.statistics.details.contains {
                $0.name == "requests_per_s" && $0.value == .number(2_000.0 / 600)
            })
        // A server that started anew between them.
        #expect(throws: WorkloadError.self) {
            try read([
                Self.scrape(times: 2),
                Self.scrape(times: 3).replacing("600", with: "1000").replacing(
                    "1800", with: "1100"),
            ])
        }
    }

    @Test("several models are added and named")
    func models() throws {
        let second = Self.scrape(model: "n").split(separator: "\n")
            .filter { $0.hasPrefix("vllm:") }.joined(separator: "\n")
        let trace = try TraceReader.read(Self.scrape() + second)
        #expect(trace.sessions.count == 2_000)
        #expect(trace.notes.contains("Requests of several models are added: m, n."))
    }

    @Test(
        "names of Dynamo and SGLang, and colons that became underscores",
        arguments: [
            ("vllm_", "vllm_", "vLLM"),
            ("vllm:request_prompt_tokens", "dynamo_frontend_input_sequence_tokens", "Dynamo"),
            ("vllm:request_prompt_tokens", "sglang:prompt_tokens_histogram", "SGLang"),
        ])
    func engines(old: String, new: String, engine: String) throws {
        let answers =
            new.hasPrefix("dynamo")
            ? "dynamo_frontend_output_sequence_tokens" : "sglang:generation_tokens_histogram"
        let text =
            new == "vllm_"
            ? Self.scrape(prefix: "vllm_")
            : Self.scrape().replacing(old, with: new)
                .replacing("vllm:request_generation_tokens", with: answers)
        let trace = try TraceReader.read(text)
        #expect(trace.sessions.count == 1_000)
        #expect(
            trace.statistics.details.contains { $0.name == "engine" && $0.value == .text(engine) })
    }

    @Test("a last bucket without an end goes as far as the mean takes it")
    func open() {
        var histogram = LengthHistogram()
        histogram.cumulative = [10: 50, .infinity: 100]
        histogram.sum = 50 * 5.5 + 50 * 500
        let lengths = histogram.lengths(1_000)
        #expect(lengths.count { $0 > 10 } == 500)
        #expect((Double(lengths.reduce(0, +)) / 1_000 - 252.75).magnitude < 2)
        // However far that is.
        histogram.cumulative = [.infinity: 100]
        histogram.sum = 50_000
        let alone = histogram.lengths(1_000)
        #expect((Double(alone.reduce(0, +)) / 1_000 - 500).magnitude < 5)
        histogram.sum = 1e15
        #expect(histogram.fault?.hasPrefix("a mean of 10000000000000.0 tokens, where") == true)
        histogram.cumulative = [10: 50, .infinity: 100]
        // Without a sum, twice the last bound.
        histogram.sum = nil
        #expect((histogram.lengths(1_000).max() ?? 0) == 20)
    }

    @Test(
        "what is wrong is named",
        arguments: [
            ("x_total 3\nnonsense", "Line 2: found 'nonsense', expected a sample"),
            ("x_total{a=\"b} 3", "Line 1: found 'x_total{a=\"b} 3', expected a CSV header"),
            ("x_total 3\n", "The metrics: found no histogram of prompt lengths"),
            ("vllm:request_prompt_tokens_bucket{a=\"b\"} 3", "Line 1, vllm:request_prompt_tokens"),
            ("vllm:request_prompt_tokens_sum NaN", "Line 1, vllm:request_prompt_tokens_sum: found"),
            (
                "vllm:request_prompt_tokens_bucket{le=\"1\"} 3\n"
                    + "vllm:request_prompt_tokens_bucket{le=\"+Inf\"} 2",
                "vllm_request_prompt_tokens{}: found a bucket up to inf with fewer requests"
            ),
            (
                "vllm:request_prompt_tokens_bucket{le=\"1\"} 3\n"
                    + "vllm:request_prompt_tokens_bucket{le=\"1.0\"} 3",
                "Line 2, vllm:request_prompt_tokens_bucket: found the same series once more"
            ),
            (
                "vllm:request_prompt_tokens_bucket{le=\"+Inf\"} 2",
                "The metrics: found no vllm_request_generation_tokens"
            ),
        ])
    func faults(text: String, message: String) {
        let found = #expect(throws: WorkloadError.self) { try TraceReader.read(text) }
        #expect(found?.description.hasPrefix(message) == true, "\(found?.description ?? "")")
    }

    @Test("samples: escapes, exemplars and timestamps")
    func samples() throws {
        let sample = try #require(
            MetricSample(#"a:b_bucket{ x="q\"\\\n", le="+Inf" } 3e2 1700000000000 # {id="1"} 2 3"#))
        #expect(sample.name == "a:b_bucket" && sample.value == 300)
        #expect(sample.labels == [.init(name: "x", value: "q\"\\\n")])
        #expect(sample.bound == .infinity && sample.timestamp == 1.7e12)
        for bad in ["3a 1", "a", "a b", "a{x=1} 2", "a{x=\"1\" 2", "a 1 2 3", "a{le=\"x\"} 1"] {
            #expect(MetricSample(bad) == nil)
        }
    }
}
