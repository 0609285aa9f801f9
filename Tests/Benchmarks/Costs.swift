import Catalog
import CostModeling
import Planning
import Scheduling
import ServingDomain
import Simulation

/// Llama-3.1-70B at TP 4 on H100 by the shipped facts, with roofline costs.
struct Costs: Sendable {
    let worker: WorkerCosts
    let model: CostModel
    let planningCase: Case

    init() throws {
        let text = """
            apiVersion: ampd-plan/v1
            kind: Case
            name: benchmark
            model: llama-3.1-70b
            cluster: {gpu: h100-sxm, nodes: 1}
            workload: {template: agent, rate_per_s: 1}
            slo: {ttft_ms: 2000, itl_ms: 50}
            """
        let draft = try CaseFile.parse(text: text, fileName: "benchmark", catalog: Catalog())
        guard let planningCase = draft.resolved, let degree = TensorParallelDegree(4) else {
            fatalError("the benchmark's case leaves nothing open")
        }
        self.planningCase = planningCase
        model = CostModel.build(
            planningCase, degrees: [degree],
            resolver: CurveResolver(
                fit: ProfileFit(trust: .analytic, entries: []),
                roofline: Roofline(hardware: planningCase.hardware)),
            overhead: planningCase.engine.overhead)
        worker = model.serving[0].costs
    }

    /// How long one drawn request keeps a prefill worker.
    var meanPrefillSeconds: Double {
        let prompts = Load.requests(rate: 1).table(10_000).rounds.map(\.newTokens)
        let nanoseconds = prompts.reduce(0.0) {
            $0 + worker.prefillTime(history: 0, increment: Int($1))
        }
        return nanoseconds / Double(prompts.count) / 1e9
    }

    /// A cluster of so many prefill and decode workers; of no prefill workers where co-located.
    func cluster(
        _ policy: ServingPolicy, _ prefill: Int, _ decode: Int, capacity: Tokens? = nil
    ) -> ClusterSetup {
        let seat = ClusterSetup.DecodeSeat(
            costs: worker,
            capacity: capacity ?? LayoutQuestion(planningCase).kvCapacity(WorkerKind(worker.degree))
        )
        return ClusterSetup(
            prefill: .workers(Array(repeating: worker, count: prefill)),
            decode: .workers(Array(repeating: seat, count: decode)), transfer: model.transfer,
            policy: policy, service: planningCase.service)
    }

    func cluster(_ policy: ServingPolicy.Name, _ prefill: Int, _ decode: Int) -> ClusterSetup {
        cluster(ServingPolicy(name: policy), prefill, decode)
    }
}

extension ClusterSetup {
    var oneByOne: Self {
        var copy = self
        copy.stepping = .oneByOne
        return copy
    }

    /// Four requests of half a gigabyte per second load every port of two workers to 0.8.
    func slowLinks(_ costs: Costs) -> Self {
        var copy = self
        copy.transfer = TransferCosts(
            latency: .milliseconds(20), bandwidth: Bandwidth(gigabytesPerSecond: 0.307),
            bytesPerToken: costs.model.transfer.bytesPerToken)
        return copy
    }
}
