public import ServingDomain
public import Simulation

/// P95 latency of one replica that shares its phase's load with others, over its target.
public struct LatencyCoefficient: Hashable, Sendable {
    public let phase: Phase
    public let kind: WorkerKind
    /// Replicas that share the load of the phase.
    public var replicas: Int
    /// P95 of TTFT (queue and compute) or ITL in nanoseconds.
    public let p95: Estimate
    /// `p95` over the phase's target: the pressure that the integer program minimises.
    public var ratio: Double
    /// P95 of TTFT, or of the time that a round decodes, in seconds.
    public var seconds: Double
    /// Tokens of KV memory on all replicas (decode only).
    public var kvTokens: Int
    /// P95 wait for KV memory on the replica in nanoseconds; not part of `p95` (decode only).
    public let memoryWaitP95: Double
    /// Whether the replica cannot keep up with its share of the load.
    public let overloaded: Bool
    /// Whether this is only a lower bound: the figures of more replicas, which see less load each.
    public var isBound = false

    /// The same figures for another replica count of the chain; the ratio of one that cannot keep
    /// up grows with the load that each replica gets.
    func carried(to replicas: Int) -> Self {
        var copy = self
        copy.replicas = replicas
        copy.kvTokens = kvTokens / self.replicas * replicas
        guard overloaded else { return copy }
        let share = Double(self.replicas) / Double(replicas)
        copy.ratio = ratio * share
        copy.seconds = seconds * share
        return copy
    }

    /// A replica that cannot keep up misses its target, however short its steps are.
    var missingIfOverloaded: Self {
        var copy = self
        if overloaded { copy.ratio = max(ratio, 1) }
        return copy
    }
}

/// Some replicas of a kind that share the load of a phase.
struct ReplicaColumn: Hashable, Sendable {
    let phase: Phase
    let kind: WorkerKind
    let replicas: Int
}
