import CostModeling
import Foundation
import Scheduling
import ServingDomain
import Testing

@testable import Validating

@Suite("The benchmark of a measured row in the simulator")
struct RowPredictionTests {
    /// A prefill step of 10 ms and a decode step of 5 ms whatever they compute, on GPUs of `memory` bytes.
    private func platform(
        memory: Int = 80_000_000_000,
        costs: ExplicitCosts = ExplicitCosts(prefill: .constant(10e6), decode: .constant(5e6))
    ) -> MeasuredPlatform {
        let link = HardwareSpec.Link(
            bandwidth: Bandwidth(gigabytesPerSecond: 100), latency: .microseconds(10))
        let gpu = HardwareSpec(
            name: "gpu", peakFLOPS: [.bf16: 1e15], memory: Bytes(memory),
            memoryBandwidth: Bandwidth(gigabytesPerSecond: 3000), reservedMemory: 0,
            intraNode: link, interNode: link, gpusPerNode: 8, power: 700, source: "test")
        let model = ModelSpec(
            name: "m", architecture: "LlamaForCausalLM", layers: 10, hidden: 1024,
            attention: .grouped(heads: 8, kvHeads: 8, headDimension: 128), intermediate: 4096,
            vocabulary: 1000, maxContext: 131_072)
        return MeasuredPlatform(
            planningCase: Case(
                name: "", model: model, weightFormat: .bf16, kvFormat: .bf16, hardware: gpu,
                cluster: Cluster(gpu: "gpu", nodes: 1, gpusPerNode: 8),
                transfer: KVTransfer(
                    latency: .zero, bandwidth: Bandwidth(gigabytesPerSecond: 100)),
                engine: Engine(name: "vllm", overhead: .none),
                workload: BenchmarkClient().workload(load(1)),
                service: ServiceLevel(ttft: .seconds(1), itl: .seconds(1)),
                policy: ServingPolicy(name: .colocatedV1), planning: Case.Planning()),
            costs: .explicit(
                costs, kinds: TensorParallelDegree.usual.map { WorkerKind($0) },
                transfer: TransferCosts(fixed: .milliseconds(3))))
    }

    private func load(_ concurrency: Int, input: Int = 1000) -> MeasuredRow.Load {
        MeasuredRow.Load(inputTokens: input, outputTokens: 100, concurrency: concurrency)
    }

    private func row(_ layout: MeasuredRow.Layout, _ load: MeasuredRow.Load) -> MeasuredRow {
        MeasuredRow(
            id: "r", line: 2, group: "g", model: "m", system: "gpu", engine: "vllm", layout: layout,
            load: load, measured: MeanLatencies(ttft: 1, tpot: 1))
    }

    private func aggregated(_ shards: MeasuredRow.Shards) -> MeasuredRow.Layout {
        .aggregated(MeasuredRow.Pool(replicas: 1, shards: shards))
    }

    private func refusal(_ layout: MeasuredRow.Layout) -> String {
        do {
            _ = try RowPrediction(row: row(layout, load(1)), platform: platform()).latencies(
                seed: 1)
            return "predicted"
        } catch {
            return error.reason
        }
    }

    @Test("a request at a time waits for its own prefill, and decodes by itself")
    func alone() throws {
        let one = aggregated(MeasuredRow.Shards(tensor: 1))
        let latencies = try RowPrediction(row: row(one, load(1)), platform: platform())
            .latencies(seed: 1)
        #expect(abs(latencies.ttft - 10) < 1e-9)
        #expect(abs(latencies.tpot - 5) < 1e-9)
    }

    @Test("two pools: prefill, transfer and one decode step until the first token")
    func pools() throws {
        let pool = MeasuredRow.Pool(replicas: 1, shards: MeasuredRow.Shards(tensor: 1))
        let latencies = try RowPrediction(
            row: row(.disaggregated(prefill: pool, decode: pool), load(1)), platform: platform()
        ).latencies(seed: 1)
        #expect(abs(latencies.ttft - 18) < 1e-9)
        #expect(abs(latencies.tpot - 5) < 1e-9)
    }

    @Test("the opening burst counts: its prompts wait for the steps before theirs")
    func burst() throws {
        let one = aggregated(MeasuredRow.Shards(tensor: 1))
        // 16 prompts of 820 to 1,024 tokens at 10 us each: a step of 8,192 tokens, then another.
        let costs = ExplicitCosts(
            prefill: .polynomial(
                PrefillPolynomial(constant: 0, perToken: 10_000, perTokenSquared: 0)),
            decode: .constant(5e6))
        var prediction = RowPrediction(
            row: row(one, load(16, input: 1024)), platform: platform(costs: costs))
        prediction.client.requestsPerPlace = 1
        let burst = try prediction.latencies(seed: 1)
        #expect(burst.ttft > 81.92)
        #expect(burst.ttft < 163.84 + 5)
        // Nine in ten of the usual client's requests come when a place gets free, mostly alone.
        prediction.client.requestsPerPlace = 10
        let all = try prediction.latencies(seed: 1)
        #expect(all.ttft > burst.ttft / 10 + 0.9 * 8.2)
        #expect(all.ttft < burst.ttft)
    }

    @Test("lengths lie between 0.8 and 1.0 of the nominal ones, and every place has ten requests")
    func client() {
        let client = BenchmarkClient()
        #expect(client.requests(load(7)) == 70)
        let workload = client.workload(load(7))
        #expect(workload.concurrency == 7)
        #expect(workload.arrivals == .closed)
        guard case .synthetic(let sessions) = workload.sessions else {
            Issue.record("drawn sessions expected")
            return
        }
        #expect(sessions.prefillTokens == .uniform(low: 800, high: 1000))
        #expect(sessions.decodeTokens == .uniform(low: 80, high: 100))
        #expect(sessions.rounds == .constant(1))
    }

    @Test("the vendor's own campaign has lengths that do not vary, and steps of one prompt")
    func campaign() {
        func client(_ campaign: String?) -> BenchmarkClient {
            BenchmarkClient(
                MeasuredRow(
                    id: "r", line: 2, group: "g", model: "m", system: "s", engine: "e",
                    campaign: campaign, layout: aggregated(MeasuredRow.Shards(tensor: 1)),
                    load: load(2), measured: MeanLatencies(ttft: 1, tpot: 1)))
        }
        #expect(client(nil) == BenchmarkClient())
        #expect(client("inferencex-db") == BenchmarkClient())
        #expect(client(nil).tokenBudget(load(2)) == nil)
        #expect(client("vendor-gap-analysis").tokenBudget(load(2)) == 1_256)
        guard
            case .synthetic(let sessions) = client("vendor-gap-analysis").workload(load(2)).sessions
        else {
            Issue.record("drawn sessions expected")
            return
        }
        #expect(sessions.prefillTokens == .constant(1000))
        #expect(sessions.decodeTokens == .constant(100))
    }

    @Test("one token of output has no time per token: the row is refused, not predicted as 0")
    func oneToken() {
        let one = MeasuredRow.Load(inputTokens: 100, outputTokens: 1, concurrency: 2)
        #expect(throws: Refusal("outputs of one token have no time per output token")) {
            try RowPrediction(
                row: row(aggregated(MeasuredRow.Shards(tensor: 1)), one), platform: platform()
            ).latencies(seed: 1)
        }
    }

    @Test("what is not modelled is refused by name")
    func refusals() {
        #expect(
            refusal(aggregated(MeasuredRow.Shards(tensor: 3)))
                == "tensor-parallel degree 3 is no power of two up to 64")
        #expect(
            refusal(aggregated(MeasuredRow.Shards(tensor: 1, pipeline: 2)))
                == "pipeline parallelism (pp 2) is not modelled")
        #expect(
            refusal(aggregated(MeasuredRow.Shards(tensor: 1, expert: 4)))
                == "experts over 4 GPUs of a worker of 1 cannot be")
        #expect(refusal(aggregated(MeasuredRow.Shards(tensor: 4, expert: 4))) == "predicted")
        let many = MeasuredRow.Pool(
            replicas: 2000, shards: MeasuredRow.Shards(tensor: 1, data: 1024))
        #expect(
            refusal(.aggregated(many))
                == "2000 workers of 1024 ranks are more than 65536 ranks")
        #expect(
            refusal(aggregated(MeasuredRow.Shards(tensor: 1, data: 4, expert: 4))) == "predicted")
    }

    @Test("requests for which there is no memory are not left out silently")
    func noRoom() {
        let one = aggregated(MeasuredRow.Shards(tensor: 1))
        // Weights of 0.33 GB and 40,960 bytes per token: room for some 900 tokens, fewer than a
        // request can have.
        let small = platform(memory: 420_000_000)
        #expect(throws: Refusal.self) {
            try RowPrediction(row: row(one, load(2)), platform: small).latencies(seed: 1)
        }
    }

    @Test("the requests of a log are simulated one by one, at their times or in their closed loop")
    func recorded() throws {
        func latencies(_ pace: String) throws -> MeanLatencies {
            let text =
                #"{"mean_ttft_ms": 1, "mean_tpot_ms": 1, "completed": 2, "input_lens": [100, 100], "#
                + #""output_lens": [11, 11], "# + pace + "}"
            let run = try #require(try RunLog.runs(Data(text.utf8)).first)
            let load = MeasuredRow.Load(
                inputTokens: 100, outputTokens: 11, concurrency: 1,
                recorded: run.workload(places: nil))
            let one = aggregated(MeasuredRow.Shards(tensor: 1))
            return try RowPrediction(row: row(one, load), platform: platform()).latencies(seed: 1)
        }
        // 10 ms for the prompt, 50 ms for ten tokens, and the next one after it.
        let closed = try latencies(#""max_concurrency": 1"#)
        #expect(abs(closed.ttft - 10) < 1e-9 && abs(closed.tpot - 5) < 1e-9)
        // The second comes 12 ms after the first and waits for 3 ms in its decode step until 15; beside
        // a batch a prompt adds nothing to costs that no token changes, so that it takes 5 ms more.
        let timed = try latencies(#""request_rate": 9, "start_times": [0, 0.012]"#)
        #expect(abs(timed.ttft - (10 + 8) / 2) < 1e-6)
        #expect(abs(timed.tpot - 5) < 1e-6)
    }
}
