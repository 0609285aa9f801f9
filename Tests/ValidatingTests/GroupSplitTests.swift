import CostModeling
import Scheduling
import ServingDomain
import Testing

@testable import Validating

@Suite("Groups that are predicted by what others say of their engine")
struct GroupSplitTests {
    private let link = HardwareSpec.Link(
        bandwidth: Bandwidth(gigabytesPerSecond: 100), latency: .microseconds(10))

    /// A dense model of so many layers on GPUs without timings.
    private func platform(layers: Int, engine: String) -> MeasuredPlatform {
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

    private func load(_ concurrency: Int) -> MeasuredRow.Load {
        MeasuredRow.Load(inputTokens: 512, outputTokens: 64, concurrency: concurrency)
    }

    /// A row for every degree and concurrency, measured on the platform with `constants`.
    private func rows(
        _ platform: MeasuredPlatform, _ constants: EngineConstants
    ) throws -> [MeasuredRow] {
        let real = platform.with(constants)
        let settings = [1, 2, 4].flatMap { degree in [2, 8, 32].map { (degree, $0) } }
        return try settings.map { degree, concurrency in
            func row(_ measured: MeanLatencies) -> MeasuredRow {
                MeasuredRow(
                    id: "\(platform.planningCase.model.name)-\(degree)-\(concurrency)", line: 2,
                    group: platform.planningCase.model.name, model: "m", system: "gpu",
                    engine: platform.planningCase.engine.name,
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

    private func split(_ platforms: [MeasuredPlatform], _ constants: EngineConstants) async throws
        -> SplitValidation
    {
        var (all, places): ([MeasuredRow], [Result<Int, Refusal>]) = ([], [])
        for (place, platform) in platforms.enumerated() {
            let own = try rows(platform, constants)
            all += own
            places += own.map { _ in .success(place) }
        }
        let run = ValidationRun(
            table: MeasuredTable(rows: all, unusable: []),
            platforms: RowPlatforms(places: places, platforms: platforms), seed: 1, jobs: 2)
        return await run.splitByGroup()
    }

    @Test("a group is predicted with what was planted into the others")
    func planted() async throws {
        var planted = EngineConstants.believed
        planted[.perLayer] = 12
        planted[.perSequence] = 50
        planted[.perFirstToken] = 6
        planted[.promptFactor] = 1.25
        let found = try await split(
            [platform(layers: 16, engine: "e"), platform(layers: 40, engine: "e")], planted)
        #expect(found.fits.map(\.group) == ["m16", "m40"])
        #expect(found.fits.map(\.fit.groups) == [["m40"], ["m16"]])
        let errors = try #require(found.validation.overall.errors)
        #expect(errors.ttft.median < 0.05)
        #expect(errors.tpot.p90 < 0.05)
        let engine = try #require(found.engines.first)
        #expect(engine.engine == "e" && engine.fit.groups == ["m16", "m40"])
        for constant in EngineConstant.allCases {
            let distance = abs(engine.fit.constants[constant] - planted[constant])
            #expect(distance <= 0.75 * constant.doubt, "\(constant.rawValue)")
        }
    }

    @Test("another engine says nothing: a group by itself is predicted by what is believed")
    func alone() async throws {
        let found = try await split(
            [platform(layers: 16, engine: "e"), platform(layers: 16, engine: "f")], .believed)
        #expect(found.fits.allSatisfy { $0.fit.constants == .believed && $0.fit.groups == [] })
        #expect(found.engines.map(\.engine) == ["e", "f"])
    }
}
