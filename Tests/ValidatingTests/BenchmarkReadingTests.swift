import Testing
import Validating

@Suite("Files of benchmarks")
struct BenchmarkReadingTests {
    private func read(_ text: String) throws(BenchmarkError) -> BenchmarkFigures {
        try BenchmarkFigures.read(bytes: Array(text.utf8), file: "f")
    }

    @Test("AIPerf's inter-token latency is a mean of each request: TPOT, not ITL")
    func aiperf() throws {
        let json = try read(
            #"{"time_to_first_token": {"unit": "s", "avg": 0.05}, "#
                + #""inter_token_latency": {"unit": "ms", "avg": 8, "p99": 9}}"#)
        let csv = try read(
            "Metric,avg,p99\nTime to First Token (s),0.05,1\nInter Token Latency (ms),8,9\n")
        for found in [json, csv] {
            #expect(found.format == .aiperf)
            #expect(found.values[ServingFigure(.ttft)] == 50)
            #expect(found.values[ServingFigure(.tpot)] == 8)
            #expect(found.values[ServingFigure(.tpot, .p99)] == 9)
            #expect(!found.values.keys.contains { $0.metric == .itl })
        }
    }

    @Test(
        "a unit that is not known is refused",
        arguments: [
            #"{"time_to_first_token": {"unit": "min", "avg": 1}}"#,
            "Metric,avg\nTime to First Token (min),1\n",
        ])
    func units(text: String) throws {
        let error = #expect(throws: BenchmarkError.self) { _ = try read(text) }
        #expect(
            error?.description.hasSuffix("is 'min'; expected ms, s, us or ns.") == true)
    }

    @Test("a result with generated texts is that of vllm bench, whatever the texts say")
    func detailed() throws {
        let found = try read(
            #"{"mean_ttft_ms": 50, "request_throughput": 2, "generated_texts": ["look around"]}"#)
        #expect(found.format == .vllmBench)
        #expect(found.values[ServingFigure(.ttft)] == 50)
    }

    @Test(
        "rounds are known by their keys, also behind a line of provenance",
        arguments: [
            "session,round,ttft_ms\n0,0,50\n", #"{"session": 0, "round": 0, "ttft_ms": 50}"#,
            "{\"source\": \"collector\"}\n{\"session\": 0, \"round\": 0, \"ttft_ms\": 50}\n",
        ])
    func rounds(text: String) throws {
        let found = try read(text)
        #expect(found.format == .rounds)
        #expect(found.values[ServingFigure(.ttft)] == 50)
    }
}
