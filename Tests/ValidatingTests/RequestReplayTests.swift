import CostModeling
import Foundation
import Scheduling
import ServingDomain
import Testing

@testable import Validating

@Suite("Logs of requests")
struct RequestReplayTests {
    private static let header =
        "request_id,input_tokens,output_tokens,arrival_s,queued_s,first_token_s,last_token_s\n"
    private static let meta = #"{"model": "m", "engine_kwargs": {}}"#

    private func log(_ rows: String, _ meta: String = meta) throws(RequestLogError) -> RequestLog {
        try RequestLog(requests: Data((Self.header + rows).utf8), meta: Data(meta.utf8))
    }

    private func refusal(_ rows: String, _ meta: String = meta) -> String {
        do {
            _ = try log(rows, meta)
            return "read"
        } catch {
            return error.description
        }
    }

    @Test("latencies count from the engine's first sight of a request")
    func latencies() throws {
        let log = try log("b,5,3,1,1.5,2,4\na,7,1,0,0,1,1\n")
        #expect(log.requests.map(\.inputTokens) == [7, 5])
        #expect(
            log.requests.map(\.latencies) == [
                RequestLatencies(ttft: 1000, tpot: nil, latency: 1000),
                RequestLatencies(ttft: 500, tpot: 1000, latency: 2500),
            ])
    }

    @Test(
        "how the engine was started, and its KV cache under any name, but not another simulator's")
    func engine() throws {
        let engine = try log(
            "a,7,1,0,0,1,1\n",
            #"""
            {"model": "m", "vllm_version": "0.19.0", "gpu": "g",
             "kv": {"gpu_kv_cache_tokens": 1600},
             "peer_simulator_config": {"kv_tokens": 5},
             "engine_kwargs": {"tensor_parallel_size": 2, "data_parallel_size": 4,
               "enable_expert_parallel": true, "max_num_seqs": 128, "max_num_batched_tokens": 2048,
               "kv_cache_dtype": "auto", "gpu_memory_utilization": 0.8, "quantization": "fp8"}}
            """#
        ).engine
        #expect(
            engine
                == RequestLog.Engine(
                    model: "m", version: "0.19.0",
                    shards: MeasuredRow.Shards(tensor: 2, data: 4, expert: 8), maxSequences: 128,
                    tokenBudget: 2048, kvFormat: "auto", quantization: "fp8", memoryShare: 0.8,
                    kvCapacity: Tokens(1600), gpu: "g"))
        func capacity(_ members: String) throws -> Tokens? {
            try log("a,7,1,0,0,1,1\n", "{\"model\": \"m\", \(members)}").engine.kvCapacity
        }
        #expect(try capacity(#""num_gpu_blocks": 10"#) == Tokens(160))
        #expect(
            try capacity(#""num_gpu_blocks": 10, "engine_kwargs": {"block_size": 32}"#)
                == Tokens(320))
        #expect(try capacity(#""num_gpu_blocks": null"#) == nil)
        #expect(try capacity(#""peer_simulator_config": {"kv_tokens": 5}"#) == nil)
    }

    @Test("what cannot be read is told with its place")
    func refusals() {
        #expect(
            refusal("") == "requests.csv: it holds no requests; expected a header and a line "
                + "for each of them.")
        #expect(refusal("a,7,x,0,0,1,1\n").contains("line 2, output_tokens: found x"))
        #expect(refusal("a,7,1,0,2,1,1\n").contains("line 2: found queued_s 2.0"))
        #expect(refusal("a,0,1,0,0,1,1\n").contains("line 2: found 0 and 1 tokens"))
        #expect(refusal("a,7\n").contains("found nothing"))
        #expect(refusal("a,7.5,1,0,0,1,1\n").contains("found 7.5 and 1 tokens"))
        #expect(refusal("a,7,1,nan,0,1,1\n").contains("arrival_s: found nan"))
        #expect(refusal("a,7,1,0,1764300000,1764300001,1764300002\n") == "read")
        for (text, fault) in [
            ("[]", "it is no JSON of the expected form"),
            ("{", "it is no JSON of the expected form"),
            ("{\"model\": 1}", "model has a value of another kind"),
            (
                "{\"engine_kwargs\": {\"model\": []}}",
                "engine_kwargs.model has a value of another kind"
            ),
        ] {
            let words = refusal("a,7,1,0,0,1,1\n", text)
            #expect(words.hasPrefix("meta.json: \(fault); expected"), "\(words)")
        }
        #expect(refusal("a,7,1,0,0,1,1\n", "{}").contains("found no model"))
        #expect(
            refusal(
                "a,7,1,0,0,1,1\n", #"{"model": "m", "engine_kwargs": {"data_parallel_size": 0}}"#
            )
            .contains("engine_kwargs.data_parallel_size: found 0, expected 1 to 1024"))
    }

    @Test("a request is first seen at the end of the step that runs when it comes")
    func firstSight() throws {
        // 1 ms per prompt token, steps of 10 ms. A: prefill to 5 ms, steps to 15, 25, 35 ms. B comes at
        // 18, is seen at 25 and computed to 25 + 10 + 3 (its chunk is in A's next step): first token at
        // 38, two more steps.
        var asked = AnalyticPlatform.platform(layers: 1, engine: "e").planningCase
        asked.engine.behaviour = EngineBehaviour()
        let worker = WorkerCosts(
            degree: .one,
            prefill: PhaseCosts(
                linear: .line(intercept: 0, slope: 1e6), attention: [], fittedTokens: .infinity),
            decode: PhaseCosts(linear: .constant(1e7), attention: [], fittedTokens: .infinity))
        let platform = MeasuredPlatform(
            planningCase: asked,
            costs: CostModel(
                workers: [worker], transfer: TransferCosts(fixed: .zero)))
        let found = try RequestReplay(
            log: log("a,5,4,0,0,1,2\nb,3,3,0.018,0.02,1,2\n"), platform: platform
        ).latencies()
        #expect(
            found == [
                RequestLatencies(ttft: 5, tpot: 11, latency: 38),
                RequestLatencies(ttft: 13, tpot: 10, latency: 33),
            ])
        // Formed ahead, the step from 25 on does not know B yet: it is computed in the next one.
        asked.engine.behaviour.formsStepsAhead = true
        let ahead = MeasuredPlatform(planningCase: asked, costs: platform.costs)
        let later = try RequestReplay(
            log: log("a,5,5,0,0,1,2\nb,3,3,0.018,0.02,1,2\n"), platform: ahead
        ).latencies()
        #expect(later[1] == RequestLatencies(ttft: 23, tpot: 10, latency: 43))
    }

    @Test("fifteen statistics, with linear interpolation between requests")
    func statistics() {
        func requests(_ factor: Double) -> [RequestLatencies] {
            [1.0, 2, 3, 4, 5].map {
                RequestLatencies(ttft: factor * $0, tpot: $0 > 1 ? $0 : nil, latency: 10 * $0)
            }
        }
        let statistics = RequestStatistics(measured: requests(1), predicted: requests(1.1))
        #expect(statistics.lines.count == 15)
        #expect(statistics.lines.prefix(5).map(\.measured) == [3, 3, 4.6, 4.8, 4.96])
        #expect(statistics.lines.prefix(5).allSatisfy { abs(($0.error ?? 1) - 0.1) < 1e-12 })
        #expect(statistics.lines[5].measured == 3.5)
        #expect(statistics.count(within: 0.05) == 10 && statistics.count(within: 0.11) == 15)
        #expect(abs((statistics.meanError ?? 1) - 0.1 / 3) < 1e-12)
        #expect(abs((statistics.largestError ?? 1) - 0.1) < 1e-12)
    }

    @Test("what no request has is no statistic, and neither right nor wrong")
    func missing() {
        func one(_ ttft: Double) -> [RequestLatencies] {
            [RequestLatencies(ttft: ttft, tpot: nil, latency: 10)]
        }
        let statistics = RequestStatistics(measured: one(0), predicted: one(3))
        #expect(statistics.lines.count { $0.error == nil } == 10)
        #expect(statistics.lines[5].measured == nil && statistics.lines[5].predicted == nil)
        #expect(statistics.count(within: 0.05) == 5 && statistics.meanError == 0)
        let nothing = RequestStatistics(measured: [], predicted: [])
        #expect(nothing.meanError == nil && nothing.largestError == nil)
    }
}
