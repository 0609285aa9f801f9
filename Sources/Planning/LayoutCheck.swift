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
    /// Serving workers that are no whole number of engines.
    public func obstacles(to deployment: Deployment) -> [LayoutObstacle] {
        deployment.servingGroups.filter { !$0.replicas.isMultiple(of: dataParallelRanks) }.map {
            LayoutObstacle(
                rule: .ranks,
                message: "serving workers of TP \($0.degree) make up engines of "
                    + "\(dataParallelRanks) (engine.data_parallel_ranks), and \($0.replicas) is "
                    + "no multiple of that")
        }
    }
}

extension Case {
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
        for degree in Set(deployment.allGroups.map(\.parallelism.tensor)).sorted() {
            found += obstacles(to: degree)
        }
        return found
    }

    /// What keeps a worker of this degree from running.
    public func obstacles(to degree: TensorParallelDegree) -> [LayoutObstacle] {
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
        let capacity = kvCapacity(degree)
        if capacity.tokens.value == 0 {
            let missing = Double(max(0, -capacity.bytesPerGPU)) / 1_073_741_824
            let tenths = (missing * 10).rounded() / 10
            found.append(
                LayoutObstacle(
                    rule: .memory,
                    message: "at TP \(degree) weights and runtime leave no room for KV cache "
                        + "(\(tenths) GiB per GPU too much)"))
        }
        return found
    }
}
