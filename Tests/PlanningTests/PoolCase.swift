import CostModeling
import ServingDomain

/// A case with two pools, and its costs.
enum PoolCase {
    /// Sixteen H20, and eight GPUs with 2.5 times their arithmetic and a slower network.
    static func make(
        rate: Double = 2,
        phases: (Set<Phase>, Set<Phase>) = ([.prefill, .decode], [.prefill, .decode]),
        prices: (Double?, Double?) = (1, 3), gpus: Int = 16
    ) -> Case {
        var planningCase = h20Case(gpus: gpus, rate: rate)
        let gpu = planningCase.hardware
        let fast = HardwareSpec(
            name: "fast", peakFLOPS: [.bf16: 370e12], memory: gpu.memory,
            memoryBandwidth: gpu.memoryBandwidth, reservedMemory: gpu.reservedMemory,
            intraNode: gpu.intraNode, interNode: gpu.interNode, gpusPerNode: 8, power: 700,
            source: "test")
        planningCase.pools = [
            GPUPool(
                name: "h20", hardware: gpu,
                cluster: Cluster(
                    gpu: gpu.name, nodes: gpus / 8, gpusPerNode: 8, pricePerGPUHour: prices.0),
                transfer: planningCase.transfer, phases: phases.0),
            GPUPool(
                name: "fast", hardware: fast,
                cluster: Cluster(
                    gpu: "fast", nodes: 1, gpusPerNode: 8, pricePerGPUHour: prices.1),
                transfer: KVTransfer(
                    latency: .milliseconds(10), bandwidth: Bandwidth(gigabytesPerSecond: 5)),
                phases: phases.1),
        ]
        planningCase.planning = .init(
            degrees: [2, 4, 8].compactMap { TensorParallelDegree($0) }, finalists: 3,
            replications: 2, maxReplications: 4, sessions: 60)
        return planningCase
    }

    static func costs(_ planningCase: Case) -> CostModel {
        .joining(
            planningCase.pools.map { pool in
                CostRecipe(
                    model: ServedModel(
                        model: planningCase.model, weightFormat: planningCase.weightFormat,
                        kvFormat: planningCase.kvFormat),
                    pool: pool.name,
                    kinds: planningCase.planning.degrees.map { WorkerKind(pool: pool.name, $0) },
                    resolver: CurveResolver(
                        fit: ProfileFit(trust: .analytic, entries: []),
                        roofline: Roofline(hardware: pool.hardware)),
                    transfer: TransferCosts(
                        pool.transfer,
                        bytesPerToken: planningCase.model.kvBytesPerToken(planningCase.kvFormat))
                ).costs(.none)
            })
    }
}
