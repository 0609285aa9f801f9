public import ServingDomain

/// Why a layout cannot run on a case's cluster at all.
public struct LayoutObstacle: Hashable, Sendable {
    public enum Rule: String, Hashable, Sendable {
        case memory
        case budget
        case heads
        case node
        case ranks
    }

    public let rule: Rule
    public let message: String
}

extension EngineBehaviour {
    /// Workers that are no whole number of engines.
    public func obstacles(to deployment: Deployment) -> [LayoutObstacle] {
        Self.obstacles(
            deployment.servingGroups, "serving", dataParallelRanks, "engine.data_parallel_ranks")
            + Self.obstacles(
                deployment.prefillGroups, "prefill", prefillRanks,
                "engine.prefill_data_parallel_ranks")
    }

    private static func obstacles(
        _ groups: [WorkerGroup], _ kind: String, _ ranks: Int, _ key: String
    ) -> [LayoutObstacle] {
        groups.filter { !$0.replicas.isMultiple(of: ranks) }.map {
            LayoutObstacle(
                rule: .ranks,
                message: "\(kind) workers of TP \($0.degree) make up engines of \(ranks) (\(key)), "
                    + "and \($0.replicas) is no multiple of that")
        }
    }
}

extension Case {
    /// The same, and workers that are no whole number of engines.
    public func allObstacles(to deployment: Deployment) -> [LayoutObstacle] {
        engine.behaviour.obstacles(to: deployment) + obstacles(to: deployment)
    }

    /// Everything that keeps `deployment` from running: heads, node size, memory, GPU budget.
    public func obstacles(to deployment: Deployment) -> [LayoutObstacle] {
        var found: [LayoutObstacle] = []
        if deployment.gpus > cluster.gpus {
            found.append(
                LayoutObstacle(
                    rule: .budget,
                    message: "\(deployment) takes \(deployment.gpus) GPUs, the cluster has "
                        + "\(cluster.gpus)"))
        }
        if found.isEmpty, !cluster.holds(deployment.allGroups) {
            found.append(
                LayoutObstacle(
                    rule: .node,
                    message: "\(deployment) does not fit into \(cluster.nodes) nodes of "
                        + "\(cluster.gpusPerNode) GPUs without a worker that spans nodes"))
        }
        let serving = Set(deployment.servingGroups.map(\.degree))
        let prefill = Set(deployment.prefillGroups.map(\.degree))
        for (degrees, split) in [
            (serving, engine.behaviour.servingSplit), (prefill, engine.behaviour.prefillSplit),
        ] {
            found += degrees.sorted().compactMap { expertObstacle(to: $0, split) }
        }
        for degree in serving.union(prefill).sorted() {
            found += shapeObstacles(to: degree)
            if serving.contains(degree) { found += memoryObstacles(kvCapacity(degree), degree) }
            // The same split needs the same room, which is told once.
            let isTold =
                serving.contains(degree)
                && engine.behaviour.prefillSplit == engine.behaviour.servingSplit
            if prefill.contains(degree), !isTold {
                found += memoryObstacles(prefillKVCapacity(degree), degree)
            }
        }
        return found
    }

    /// What keeps a worker of this degree from running, of either kind.
    public func obstacles(to degree: TensorParallelDegree) -> [LayoutObstacle] {
        shapeObstacles(to: degree) + memoryObstacles(kvCapacity(degree), degree)
    }

    /// GPUs of an engine that share no whole number of experts' parts.
    private func expertObstacle(
        to degree: TensorParallelDegree, _ split: ModelSplit
    ) -> LayoutObstacle? {
        let gpus = split.gpus(degree)
        guard model.mixture != nil, !gpus.isMultiple(of: min(split.expertDegree, gpus)) else {
            return nil
        }
        return LayoutObstacle(
            rule: .ranks,
            message: "experts over \(split.expertDegree) GPUs cannot be shared by an engine of "
                + "\(split.ranks) ranks of TP \(degree): \(gpus) is no multiple of that")
    }

    private func shapeObstacles(to degree: TensorParallelDegree) -> [LayoutObstacle] {
        var found: [LayoutObstacle] = []
        if !model.divides(by: degree) {
            found.append(
                LayoutObstacle(
                    rule: .heads,
                    message: "\(model.heads) attention heads cannot be split over \(degree) GPUs"))
        }
        if degree.value > cluster.gpusPerNode {
            found.append(
                LayoutObstacle(
                    rule: .node,
                    message: "a worker of \(degree) GPUs would span nodes of "
                        + "\(cluster.gpusPerNode) GPUs"))
        }
        return found
    }

    private func memoryObstacles(
        _ capacity: KVCapacity, _ degree: TensorParallelDegree
    ) -> [LayoutObstacle] {
        guard capacity.tokens.value == 0 else { return [] }
        let missing = Double(max(0, -capacity.bytesPerGPU)) / 1_073_741_824
        let tenths = (missing * 10).rounded() / 10
        return [
            LayoutObstacle(
                rule: .memory,
                message: "at TP \(degree) weights and runtime leave no room for KV cache "
                    + "(\(tenths) GiB per GPU too much)")
        ]
    }
}
