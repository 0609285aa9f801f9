/// Whose GPUs a worker takes, and how it spreads the model over them.
public struct WorkerKind: Hashable, Sendable {
    /// Name of the pool of GPUs.
    public let pool: String
    public let parallelism: Parallelism

    public init(pool: String = GPUPool.onlyName, _ parallelism: Parallelism) {
        self.pool = pool
        self.parallelism = parallelism
    }

    /// Tensor parallelism alone.
    public init(pool: String = GPUPool.onlyName, _ degree: TensorParallelDegree) {
        self.init(pool: pool, Parallelism(tensor: degree))
    }

    public var degree: TensorParallelDegree { parallelism.tensor }

    /// GPUs of one worker.
    public var gpus: Int { parallelism.gpus.value }
}

extension WorkerKind: CustomStringConvertible {
    /// The degrees, and the pool where it has a name of its own: `4`, `1dp8ep8@h20`.
    public var description: String {
        parallelism.description + (pool == GPUPool.onlyName ? "" : "@" + pool)
    }
}

extension WorkerGroup {
    /// So many workers of a kind.
    public init(_ kind: WorkerKind, _ replicas: Int) {
        self.init(pool: kind.pool, parallelism: kind.parallelism, replicas: replicas)
    }

    public var kind: WorkerKind { WorkerKind(pool: pool, parallelism) }
    public var degree: TensorParallelDegree { parallelism.tensor }
}

extension Case.Planning {
    /// Kinds of workers that a search may use for a phase: every degree and every record in every pool
    /// whose workers may do it, in the order of pools.
    ///
    /// Data-parallel ranks of the engine's settings become records, so that workers are whole engines.
    public func workerKinds(
        of phase: Phase, in pools: [GPUPool], _ behaviour: EngineBehaviour
    ) -> [WorkerKind] {
        let split = phase == .prefill ? behaviour.prefillSplit : behaviour.servingSplit
        let plain = degrees.sorted().map { degree in
            split.ranks > 1
                ? Parallelism(
                    tensor: degree, data: split.ranks,
                    expert: min(split.expertDegree, split.gpus(degree)))
                : Parallelism(tensor: degree)
        }
        let all = plain + records.filter { !plain.contains($0) }
        return pools.filter { $0.phases.contains(phase) }.flatMap { pool in
            all.map { WorkerKind(pool: pool.name, $0) }
        }
    }
}

extension Case {
    /// Kinds of workers that a search may use for a phase.
    public func workerKinds(of phase: Phase) -> [WorkerKind] {
        planning.workerKinds(of: phase, in: pools, engine.behaviour)
    }
}
