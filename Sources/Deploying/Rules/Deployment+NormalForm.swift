public import ServingDomain

extension Deployment {
    /// The one way to write a layout under the settings of an engine.
    ///
    /// Ranks that the engine counts are engines; workers that share the model as the engine does anyway are
    /// written by their tensor-parallel degree alone; equal kinds are one group, larger kinds first.
    public func normalised(to behaviour: EngineBehaviour) -> Self {
        func plain(_ groups: [WorkerGroup], _ split: ModelSplit) -> [WorkerGroup] {
            var counts: [WorkerKind: Int] = [:]
            for group in groups {
                let own = group.parallelism.split
                let usual = min(split.expertDegree, group.kind.gpus)
                let isUsual = own.map { $0.ranks == 1 && $0.expertDegree == usual } ?? true
                let kind =
                    isUsual ? WorkerKind(pool: group.pool, group.degree) : group.kind
                counts[kind, default: 0] += group.replicas
            }
            return counts.map { WorkerGroup($0.key, $0.value) }.sorted {
                ($1.kind.gpus, $0.kind.description) < ($0.kind.gpus, $1.kind.description)
            }
        }
        return switch behaviour.countingEngines(self) {
        case .disaggregated(let prefill, let decode):
            .disaggregated(
                prefill: plain(prefill, behaviour.prefillSplit),
                decode: plain(decode, behaviour.servingSplit))
        case .colocated(let groups): .colocated(plain(groups, behaviour.servingSplit))
        }
    }
}
