import ServingDomain

@testable import Planning

extension CandidateWorkers {
    /// Workers of these degrees for every phase, in the only pool.
    init(_ degrees: [TensorParallelDegree]) {
        let kinds = degrees.map { WorkerKind($0) }
        self.init(prefill: kinds, decode: kinds, colocated: kinds)
    }
}

extension LayoutBounds {
    /// Layouts of one pool.
    init(
        _ cluster: Cluster, _ planning: Case.Planning = .init(),
        forbidding forbidden: Set<DegreePair> = []
    ) {
        self.init(
            [Pool(cluster: cluster)],
            budget: LayoutBudget(
                gpus: min(cluster.gpus.value, planning.gpuBudget?.value ?? .max)),
            fillsBudget: planning.fillsBudget, forbidding: forbidden)
    }
}
