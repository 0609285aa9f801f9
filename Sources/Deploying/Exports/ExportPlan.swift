public import ServingDomain

/// A plan with all that an export takes from it.
public struct ExportPlan: Sendable {
    /// The case, with the policy and the settings that the plan was simulated with.
    public let planningCase: Case
    public let layout: Deployment
    /// Name under which the model is published, such as `Qwen/Qwen3-32B`, or a path on the workers.
    public let model: String
    /// What is known of the weights under that name.
    public let checkpoint: Checkpoint
    /// Image of the engine with a version; nil where nobody has said.
    public let image: String?
    /// Digest of the plan document.
    public let digest: String
    public let toolVersion: String

    public init(
        planningCase: Case, layout: Deployment, model: String, checkpoint: Checkpoint,
        image: String?, digest: String, toolVersion: String
    ) {
        self.planningCase = planningCase
        self.layout = planningCase.engine.behaviour.countingEngines(layout)
        self.model = model
        self.checkpoint = checkpoint
        self.image = image
        self.digest = digest
        self.toolVersion = toolVersion
    }

    /// The format of stored weights, as far as their name tells it.
    public enum Checkpoint: Hashable, Sendable {
        case stored(NumberFormat)
        /// A path, or a name that is none of the model's: it is taken to have what was simulated.
        case unknown
    }

    var engine: Engine { planningCase.engine }
    var behaviour: EngineBehaviour { engine.behaviour.following(layout) }

    /// Marks by which a check finds the plan again.
    var marks: [(key: String, value: String)] {
        [(ManifestMarks.digest, digest), (ManifestMarks.toolVersion, toolVersion)]
    }

    /// Equal workers of the layout, those of prefill first.
    var workers: [PlannedWorkers] {
        switch layout {
        case .disaggregated(let prefill, let decode):
            planned(prefill, .prefill) + planned(decode, .decode)
        case .colocated(let groups): planned(groups, .both)
        }
    }

    private func planned(
        _ groups: [WorkerGroup], _ role: WorkerDescription.Role
    ) -> [PlannedWorkers] {
        groups.enumerated().map { place, group in
            PlannedWorkers(
                role: role, number: place + 1, group: group,
                gpusPerNode: planningCase.pool(group.pool)?.cluster.gpusPerNode
                    ?? group.kind.gpus,
                split: split(of: group, role), context: context(of: group, role))
        }
    }

    /// How the GPUs of a worker share the model, its own record first.
    private func split(of group: WorkerGroup, _ role: WorkerDescription.Role) -> ModelSplit {
        let behaviour = engine.behaviour
        return group.parallelism.split
            ?? (role == .prefill ? behaviour.prefillSplit : behaviour.servingSplit)
    }

    /// Tokens of the longest session that a worker can serve: what the model takes, and what its KV cache
    /// has room for.
    private func context(of group: WorkerGroup, _ role: WorkerDescription.Role) -> Int {
        let capacity =
            role == .prefill
            ? planningCase.prefillKVCapacity(group.kind) : planningCase.kvCapacity(group.kind)
        let most = planningCase.model.maxContext.value
        return capacity.map { min(most, max(1, $0.longestSequence.value)) } ?? most
    }
}

/// Equal workers of a plan, as an export sees them.
struct PlannedWorkers: Hashable, Sendable {
    let role: WorkerDescription.Role
    /// Among the groups of its role, from 1.
    let number: Int
    let group: WorkerGroup
    let gpusPerNode: Int
    let split: ModelSplit
    /// Tokens of the longest session.
    let context: Int

    var replicas: Int { group.replicas }
    var tensor: Int { group.degree.value }
    /// Data-parallel ranks of one worker.
    var ranks: Int { group.parallelism.data }
    /// GPUs of one worker.
    var gpus: Int { group.kind.gpus }
    /// GPUs that experts are dealt out over; 1 where the others split them.
    var expert: Int { min(split.expertDegree, gpus) }

    /// Ranks that stand together in one pod: as many as fit a node and divide all of them.
    var ranksPerPod: Int {
        let room = max(1, gpusPerNode / tensor)
        return (1...min(room, ranks)).last { ranks.isMultiple(of: $0) } ?? 1
    }

    /// Pods of one worker.
    var pods: Int { ranks / ranksPerPod }
    var gpusPerPod: Int { ranksPerPod * tensor }

    /// `prefill`, `decode` or `worker`, with a number from the second group on.
    var name: String { word + (number == 1 ? "" : "-\(number)") }

    var word: String { role == .both ? "worker" : role.rawValue }
}
