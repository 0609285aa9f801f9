import CostModeling
import Planning
import Reporting
import ServingDomain

/// A small case with a name that wants to break out, and its report.
enum StudyFixture {
    static let hostile = "<script>alert(\"1\")</script> & 'x' | `y` *z* \u{1F680}"

    static let planningCase: Case = {
        let gpu = HardwareSpec(
            name: "gpu", peakFLOPS: [.bf16: 400e12, .fp8: 800e12], memory: 80_000_000_000,
            memoryBandwidth: Bandwidth(gigabytesPerSecond: 3000), reservedMemory: 4_000_000_000,
            intraNode: .init(
                bandwidth: Bandwidth(gigabytesPerSecond: 400), latency: .microseconds(10)),
            interNode: .init(
                bandwidth: Bandwidth(gigabytesPerSecond: 25), latency: .microseconds(10)),
            gpusPerNode: 4, power: 700, source: "test")
        let model = ModelSpec(
            name: hostile, architecture: "LlamaForCausalLM", layers: 32, hidden: 4096,
            attention: .grouped(heads: 32, kvHeads: 8, headDimension: 128), intermediate: 14336,
            vocabulary: 128_256, maxContext: 131_072)
        let sessions = Workload.Synthetic(
            rounds: .constant(3), reading: .perRound,
            prefillTokens: .lognormal(mean: 900, cv: 0.6),
            decodeTokens: .lognormal(mean: 60, cv: 0.6), environmentDelay: .exponential(mean: 1))
        return Case(
            name: hostile, model: model, weightFormat: .bf16, kvFormat: .bf16, hardware: gpu,
            cluster: Cluster(gpu: "gpu", nodes: 1, gpusPerNode: 4),
            transfer: KVTransfer(
                latency: .milliseconds(2), bandwidth: Bandwidth(gigabytesPerSecond: 40)),
            engine: Engine(name: "vllm", overhead: .none),
            workload: Workload(
                sessions: .synthetic(sessions), rate: Rate(sessionsPerSecond: 2)),
            service: ServiceLevel(ttft: .milliseconds(400), itl: .milliseconds(20)),
            policy: ServingPolicy(name: .init(rawValue: "ampd")),
            planning: .init(
                degrees: [1, 2].compactMap { TensorParallelDegree($0) }, replications: 2,
                maxReplications: 2, sessions: 40))
    }()

    static let costs = CostModel.build(
        planningCase, degrees: planningCase.planning.degrees,
        resolver: CurveResolver(
            fit: ProfileFit(trust: .analytic, entries: []),
            roofline: Roofline(hardware: planningCase.hardware)),
        overhead: .none)

    /// Made once for all tests.
    static let report = Task { await report(on: "P:1x2,D:2x1", jobs: 2) }

    static func report(
        on notation: String, jobs: Int, _ change: (inout Case) -> Void = { _ in }
    ) async -> PlanReport? {
        var planningCase = planningCase
        change(&planningCase)
        let notations = [notation, "C:2x2", "P:1x1,D:1x3"]
        let layouts = notations.compactMap { Deployment(notation: $0) }
        guard let chosen = layouts.first else { return nil }
        let study = await StudyRuns(
            planningCase: planningCase, costs: costs, samples: OperatorSamples(), jobs: jobs
        ).study(chosen, among: layouts)
        return PlanReport(
            study: study, costs: costs,
            provenance: PlanDocument.Provenance(
                resolvedCase: ["name": .string(hostile)],
                assumptions: [("engine.x", hostile, "docs")], profileDigest: "sha256:0",
                profileSource: hostile, warnings: [hostile], toolVersion: "test"),
            notes: ["a note: \(hostile)"])
    }
}
