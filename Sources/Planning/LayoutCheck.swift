public import ServingDomain

/// Why a layout cannot run on a case's cluster at all.
public struct LayoutObstacle: Hashable, Sendable {
    public enum Rule: String, Hashable, Sendable {
        case memory
        case budget
        case heads
        case blocks
        case experts
        case node
        case pool
        case ranks
    }

    public let rule: Rule
    public let message: String

    public init(rule: Rule, message: String) {
        self.rule = rule
        self.message = message
    }
}

extension EngineBehaviour {
    /// Workers that are no whole number of engines, or of engines of different size in one phase.
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
        let sizes = Set(groups.map { $0.parallelism.split?.ranks ?? ranks })
        guard sizes.count <= 1 else {
            let found = sizes.sorted().map(String.init).joined(separator: " and ")
            return [
                LayoutObstacle(
                    rule: .ranks,
                    message: "\(kind) workers are engines of \(found) ranks, and those of one "
                        + "phase have to be alike")
            ]
        }
        return groups.filter {
            $0.parallelism.split == nil && !$0.replicas.isMultiple(of: ranks)
        }.map {
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

    /// Everything that keeps `deployment` from running: heads, node size, memory, GPU budget, pools.
    public func obstacles(to deployment: Deployment) -> [LayoutObstacle] {
        var found = poolObstacles(to: deployment)
        guard found.isEmpty else { return found }
        found += spaceObstacles(to: deployment)
        let (serving, prefill) = (
            Self.kinds(deployment.servingGroups), Self.kinds(deployment.prefillGroups)
        )
        for (kinds, phase) in [(serving, Phase.decode), (prefill, .prefill)] {
            found += kinds.compactMap { expertObstacle(to: $0, split(of: $0, phase)) }
            for obstacle in kinds.flatMap({ startObstacles(to: $0, split(of: $0, phase)) })
            where !found.contains(obstacle) { found.append(obstacle) }
        }
        for kind in serving + prefill.filter({ !serving.contains($0) }) {
            found += shapeObstacles(to: kind)
            if serving.contains(kind) { found += memoryObstacles(kvCapacity(kind), kind) }
            // The same split needs the same room, which is told once.
            let isTold =
                serving.contains(kind) && split(of: kind, .prefill) == split(of: kind, .decode)
            if prefill.contains(kind), !isTold {
                found += memoryObstacles(prefillKVCapacity(kind), kind)
            }
        }
        return found
    }

    /// What keeps a worker of this kind from doing its part of a phase.
    func obstacles(to kind: WorkerKind, _ phase: Phase) -> [LayoutObstacle] {
        let split = split(of: kind, phase)
        return shapeObstacles(to: kind)
            + (split.ranks > 1 || kind.parallelism.split != nil
                ? [expertObstacle(to: kind, split)].compactMap { $0 } : [])
            + startObstacles(to: kind, split)
            + memoryObstacles(
                phase == .prefill ? prefillKVCapacity(kind) : kvCapacity(kind), kind)
    }

    /// Each kind once, smaller degrees first.
    private static func kinds(_ groups: [WorkerGroup]) -> [WorkerKind] {
        groups.map(\.kind).reduce(into: [WorkerKind]()) { found, kind in
            if !found.contains(kind) { found.append(kind) }
        }
        .enumerated().sorted {
            ($0.element.degree, $0.offset) < ($1.element.degree, $1.offset)
        }
        .map(\.element)
    }

    private func split(of kind: WorkerKind, _ phase: Phase) -> ModelSplit {
        kind.parallelism.split
            ?? (phase == .prefill ? engine.behaviour.prefillSplit : engine.behaviour.servingSplit)
    }

    /// Workers on GPUs that there are not, or that are for something else.
    private func poolObstacles(to deployment: Deployment) -> [LayoutObstacle] {
        let known = pools.map(\.name).joined(separator: ", ")
        var found: [LayoutObstacle] = []
        func check(_ groups: [WorkerGroup], _ phases: Set<Phase>, _ word: String) {
            for group in groups {
                guard let pool = pool(group.pool) else {
                    found.append(
                        LayoutObstacle(
                            rule: .pool,
                            message: group.pool == GPUPool.onlyName
                                ? "\(group.kind)x\(group.replicas) names no pool; expected one of "
                                    + "\(known) behind @"
                                : "there is no pool '\(group.pool)'"
                                    + (hasPools ? "; expected one of \(known)" : "")))
                    continue
                }
                if !phases.isSubset(of: pool.phases) {
                    found.append(
                        LayoutObstacle(
                            rule: .pool,
                            message: "pool \(pool.name) has no GPUs for \(word) workers (phases)"))
                }
            }
        }
        switch deployment {
        case .disaggregated(let prefill, let decode):
            check(prefill, [.prefill], "prefill")
            check(decode, [.decode], "decode")
        case .colocated(let groups): check(groups, Set(Phase.allCases), "co-located")
        }
        return found.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private func spaceObstacles(to deployment: Deployment) -> [LayoutObstacle] {
        pools.compactMap { pool -> LayoutObstacle? in
            let own = deployment.allGroups.filter { $0.pool == pool.name }
            let gpus = own.reduce(GPUs.zero) { $0 + $1.gpus }
            let (cluster, place) = (pool.cluster, hasPools ? "pool \(pool.name)" : "the cluster")
            if gpus > cluster.gpus {
                return LayoutObstacle(
                    rule: .budget,
                    message: "\(deployment) takes \(gpus) GPUs, \(place) has \(cluster.gpus)")
            }
            guard !cluster.holds(own) else { return nil }
            return LayoutObstacle(
                rule: .node,
                message: "\(deployment) does not fit into \(cluster.nodes) nodes of "
                    + "\(cluster.gpusPerNode) GPUs without a worker that spans nodes")
        }
    }

    /// GPUs of an engine that share no whole number of experts' parts.
    private func expertObstacle(to kind: WorkerKind, _ split: ModelSplit) -> LayoutObstacle? {
        let gpus = split.gpus(kind.degree)
        if let own = kind.parallelism.split, own.expertDegree > 1 || own.ranks > 1 {
            guard let mixture = model.mixture else {
                return own.expertDegree == 1
                    ? nil
                    : LayoutObstacle(
                        rule: .ranks,
                        message: "worker \(kind.parallelism) deals experts out, and \(model.name) "
                            + "has none")
            }
            guard mixture.experts.isMultiple(of: own.expertDegree), own.expertDegree <= gpus else {
                return LayoutObstacle(
                    rule: .ranks,
                    message: "worker \(kind.parallelism) of \(gpus) GPUs cannot deal "
                        + "\(mixture.experts) experts out over \(own.expertDegree)")
            }
        }
        guard model.mixture != nil, !gpus.isMultiple(of: min(split.expertDegree, gpus)) else {
            return nil
        }
        return LayoutObstacle(
            rule: .ranks,
            message: "experts over \(split.expertDegree) GPUs cannot be shared by an engine of "
                + "\(split.ranks) ranks of TP \(kind.degree): \(gpus) is no multiple of that")
    }

    private func shapeObstacles(to kind: WorkerKind) -> [LayoutObstacle] {
        let degree = kind.degree
        var found: [LayoutObstacle] = []
        if !model.divides(by: degree) {
            found.append(
                LayoutObstacle(
                    rule: .heads,
                    message: "\(headsCut(by: degree)) cannot be split over \(degree) GPUs"))
        }
        if let cluster = pool(kind.pool)?.cluster, degree.value > cluster.gpusPerNode {
            found.append(
                LayoutObstacle(
                    rule: .node,
                    message: "a worker of \(degree) GPUs would span nodes of "
                        + "\(cluster.gpusPerNode) GPUs"))
        } else if let cluster = pool(kind.pool)?.cluster, kind.gpus <= cluster.gpus.value,
            cluster.room(for: degree) < kind.parallelism.data
        {
            found.append(
                LayoutObstacle(
                    rule: .node,
                    message: "\(cluster.nodes) nodes of \(cluster.gpusPerNode) GPUs have room for "
                        + "\(cluster.room(for: degree)) of the \(kind.parallelism.data) ranks of "
                        + "TP \(degree)"))
        }
        return found
    }

    /// The heads that GPUs would not get the same number of.
    private func headsCut(by degree: TensorParallelDegree) -> String {
        guard let linear = model.linearAttention, !linear.divides(by: degree) else {
            return "\(model.heads) attention heads"
        }
        return "\(linear.keyHeads) key and \(linear.valueHeads) value heads of linear attention"
    }

    private func memoryObstacles(
        _ capacity: KVCapacity?, _ kind: WorkerKind
    ) -> [LayoutObstacle] {
        guard let capacity, capacity.longestSequence == .zero else { return [] }
        let place = hasPools ? " on \(kind.pool)" : ""
        let beside = model.keptBeside(
            engine.behaviour.slidingWindowKV, kvFormat, degree: kind.degree)
        if capacity.bytesPerGPU > 0, case .state(let state) = beside {
            let mebibytes = (state.bytes.value + 1_048_575) / 1_048_576
            return [
                LayoutObstacle(
                    rule: .memory,
                    message:
                        "at TP \(kind.parallelism)\(place) weights and runtime leave no room for "
                        + "the states of one sequence (\(mebibytes) MiB per GPU) and a block of "
                        + "its KV cache")
            ]
        }
        guard capacity.bytesPerGPU <= 0 || beside == nil else {
            return [
                LayoutObstacle(
                    rule: .memory,
                    message:
                        "at TP \(kind.parallelism)\(place) the prompts of one step leave no room "
                        + "for KV cache, for layers with a sliding window keep them whole for a "
                        + "moment; lower engine.token_budget or engine.prefill_batch_tokens")
            ]
        }
        let missing = Double(max(0, -capacity.bytesPerGPU)) / 1_073_741_824
        let tenths = (missing * 10).rounded() / 10
        return [
            LayoutObstacle(
                rule: .memory,
                message:
                    "at TP \(kind.parallelism)\(place) weights and runtime leave no room for KV "
                    + "cache (\(tenths) GiB per GPU too much)")
        ]
    }
}
