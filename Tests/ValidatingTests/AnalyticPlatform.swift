import CostModeling
import Scheduling
import ServingDomain

@testable import Validating

/// Platforms whose costs depend on the constants of an engine, and measurements on them.
enum AnalyticPlatform {
    private static let link = HardwareSpec.Link(
        bandwidth: Bandwidth(gigabytesPerSecond: 100), latency: .microseconds(10))

    /// A dense model of so many layers on GPUs without timings.
    static func platform(layers: Int, engine: String) -> MeasuredPlatform {
        let gpu = HardwareSpec(
            name: "gpu", peakFLOPS: [.bf16: 1e15], memory: Bytes(80_000_000_000),
            memoryBandwidth: Bandwidth(gigabytesPerSecond: 3000), reservedMemory: 0,
            intraNode: link, interNode: link, gpusPerNode: 8, power: 700, source: "test")
        let model = ModelSpec(
            name: "m\(layers)", architecture: "LlamaForCausalLM", layers: layers, hidden: 4096,
            attention: .grouped(heads: 32, kvHeads: 8, headDimension: 128), intermediate: 14_336,
            vocabulary: 128_256, maxContext: 131_072)
        let planningCase = Case(
            name: "", model: model, weightFormat: .bf16, kvFormat: .bf16, hardware: gpu,
            cluster: Cluster(gpu: "gpu", nodes: 1, gpusPerNode: 8),
            transfer: KVTransfer(latency: .zero, bandwidth: Bandwidth(gigabytesPerSecond: 100)),
            engine: Engine(name: engine, overhead: .none),
            workload: BenchmarkClient().workload(load(1)),
            service: ServiceLevel(ttft: .seconds(1), itl: .seconds(1)),
            policy: ServingPolicy(name: .colocatedV1), planning: Case.Planning())
        return MeasuredPlatform(
            planningCase: planningCase,
            recipe: CostRecipe(
                model: ServedModel(model: model, weightFormat: .bf16, kvFormat: .bf16),
                degrees: TensorParallelDegree.usual,
                resolver: CurveResolver(
                    fit: ProfileFit(trust: .analytic, entries: []),
                    roofline: Roofline(hardware: gpu)),
                transfer: TransferCosts(fixed: .milliseconds(3))))
    }

    static func load(_ concurrency: Int) -> MeasuredRow.Load {
        MeasuredRow.Load(inputTokens: 512, outputTokens: 64, concurrency: concurrency)
    }

    /// A row for every degree and concurrency, measured on the platform with `constants`.
    static func rows(
        _ platform: MeasuredPlatform, _ constants: EngineConstants, version: String? = nil
    ) throws -> [MeasuredRow] {
        let real = platform.with(constants)
        let settings = [1, 2, 4].flatMap { degree in [2, 8, 32].map { (degree, $0) } }
        return try settings.map { degree, concurrency in
            func row(_ measured: MeanLatencies) -> MeasuredRow {
                MeasuredRow(
                    id: "\(platform.planningCase.model.name)-\(degree)-\(concurrency)", line: 2,
                    group: platform.planningCase.model.name, model: "m", system: "gpu",
                    engine: platform.planningCase.engine.name, engineVersion: version,
                    layout: .aggregated(
                        MeasuredRow.Pool(
                            replicas: 1, shards: MeasuredRow.Shards(tensor: degree))),
                    load: load(concurrency), measured: measured)
            }
            let unknown = MeanLatencies(ttft: 1, tpot: 1)
            return row(
                try RowPrediction(row: row(unknown), platform: real).latencies(seed: 1))
        }
    }
}
