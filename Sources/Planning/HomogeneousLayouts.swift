import ServingDomain

/// Layouts of equal workers in each phase that take a number of GPUs to the last one.
struct HomogeneousLayouts {
    let degrees: [TensorParallelDegree]
    let cluster: Cluster
    var forbidden: Set<DegreePair> = []

    /// Prefill and decode workers, each of one degree: 21 layouts of 8 GPUs with the usual degrees,
    /// 280 of 64.
    func split(filling gpus: Int) -> [Deployment] {
        degrees.flatMap { prefill in
            degrees.filter { !forbidden.contains(DegreePair(prefill: prefill, decode: $0)) }
                .flatMap { decode in
                    (1..<max(2, gpus / prefill.value)).compactMap { replicas in
                        let left = gpus - replicas * prefill.value
                        guard left > 0, left.isMultiple(of: decode.value) else { return nil }
                        return fitting(
                            .disaggregated(
                                prefill: [group(prefill, replicas)],
                                decode: [group(decode, left / decode.value)]))
                    }
                }
        }
    }

    /// Co-located workers of one degree.
    func colocated(filling gpus: Int) -> [Deployment] {
        degrees.filter { gpus.isMultiple(of: $0.value) && gpus > 0 }.compactMap {
            fitting(.colocated([group($0, gpus / $0.value)]))
        }
    }

    private func fitting(_ layout: Deployment) -> Deployment? {
        cluster.holds(layout.allGroups) ? layout : nil
    }

    private func group(_ degree: TensorParallelDegree, _ replicas: Int) -> WorkerGroup {
        WorkerGroup(parallelism: Parallelism(tensor: degree), replicas: replicas)
    }
}
