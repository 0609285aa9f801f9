/// Equal workers of one phase.
public struct WorkerGroup: Hashable, Sendable {
    /// Name of the pool of GPUs that the group is taken from.
    public let pool: String
    public let parallelism: Parallelism
    public let replicas: Int

    public init(pool: String = GPUPool.onlyName, parallelism: Parallelism, replicas: Int) {
        self.pool = pool
        self.parallelism = parallelism
        self.replicas = replicas
    }

    public var gpus: GPUs { parallelism.gpus * replicas }

    /// Degrees times replicas behind the letter of a role: P, D or C; then the pool where it has a name.
    public func notation(_ letter: String) -> String {
        "\(letter):\(parallelism)x\(replicas)" + (pool == GPUPool.onlyName ? "" : "@" + pool)
    }
}

/// Which workers exist: separate prefill and decode workers, or workers that do both.
public enum Deployment: Hashable, Sendable {
    case disaggregated(prefill: [WorkerGroup], decode: [WorkerGroup])
    case colocated([WorkerGroup])

    public var gpus: GPUs {
        switch self {
        case .disaggregated(let prefill, let decode):
            (prefill + decode).reduce(.zero) { $0 + $1.gpus }
        case .colocated(let groups): groups.reduce(.zero) { $0 + $1.gpus }
        }
    }
}

extension Deployment: CustomStringConvertible {
    /// Degrees times replicas of each group, for example `P:4x2,D:8x1`, `C:8x2` or
    /// `P:4x2@h100,D:1dp8ep8x1@h20`.
    public var description: String {
        func text(_ letter: String, _ groups: [WorkerGroup]) -> [String] {
            groups.map { $0.notation(letter) }
        }
        switch self {
        case .disaggregated(let prefill, let decode):
            return (text("P", prefill) + text("D", decode)).joined(separator: ",")
        case .colocated(let groups):
            return text("C", groups).joined(separator: ",")
        }
    }
}
