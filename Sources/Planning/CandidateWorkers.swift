public import ServingDomain

/// A layout or kind of worker that was left out, and why.
public struct Rejection: Hashable, Sendable {
    public let layout: String
    public let reason: String

    public init(layout: String, reason: String) {
        self.layout = layout
        self.reason = reason
    }
}

/// The kinds of workers that can run at all.
public struct CandidateWorkers: Hashable, Sendable {
    /// In the order of pools, then by degree.
    public let prefill: [WorkerKind]
    public let decode: [WorkerKind]
    /// Those that prefill and decode; their pools let them do both.
    public let colocated: [WorkerKind]
    public let rejected: [Rejection]

    /// Checks each kind of the case: heads, node size, budget and memory.
    ///
    /// - Parameters:
    ///   - planningCase: the case.
    ///   - contextP95: longest context that 95 % of the sessions do not exceed; a worker that cannot
    ///     hold it is no candidate. Longer sessions that do not fit are refused in simulation.
    public init(_ planningCase: Case, contextP95: Tokens) {
        let check = WorkerCheck(planningCase: planningCase, contextP95: contextP95)
        var rejected: [Rejection] = []
        func fitting(_ phase: Phase) -> [WorkerKind] {
            planningCase.workerKinds(of: phase).filter { kind in
                guard let reason = check.obstacle(to: kind, phase) else { return true }
                let told = Rejection(layout: kind.label, reason: reason)
                if !rejected.contains(told) { rejected.append(told) }
                return false
            }
        }
        decode = fitting(.decode)
        prefill = fitting(.prefill)
        colocated = decode.filter {
            planningCase.pool($0.pool)?.phases == Set(Phase.allCases)
        }
        self.rejected = rejected
    }

    init(
        prefill: [WorkerKind], decode: [WorkerKind], colocated: [WorkerKind],
        rejected: [Rejection] = []
    ) {
        self.prefill = prefill
        self.decode = decode
        self.colocated = colocated
        self.rejected = rejected
    }

    /// Whether there is no layout of such workers.
    public var isEmpty: Bool { colocated.isEmpty && (prefill.isEmpty || decode.isEmpty) }

    /// The smallest layout, in GPUs.
    var leastGPUs: Int { [least(colocated), leastPair].compactMap { $0 }.min() ?? 1 }

    /// GPUs of the smallest prefill and decode worker together; nil where there is none of a kind.
    var leastPair: Int? {
        least(prefill).flatMap { prefill in least(decode).map { $0 + prefill } }
    }

    func kinds(of phase: Phase) -> [WorkerKind] { phase == .prefill ? prefill : decode }

    private func least(_ kinds: [WorkerKind]) -> Int? { kinds.map(\.gpus).min() }
}

/// Whether single workers of a case can run, and hold the sessions that they are for.
public struct WorkerCheck: Sendable {
    let planningCase: Case
    /// Tokens that 95 % of sessions stay within.
    public let contextP95: Tokens

    public init(planningCase: Case, contextP95: Tokens) {
        self.planningCase = planningCase
        self.contextP95 = contextP95
    }

    /// Why a worker of this kind is no candidate; nil where it is one.
    public func obstacle(to kind: WorkerKind, _ phase: Phase) -> String? {
        if let obstacle = planningCase.obstacles(to: kind, phase).first { return obstacle.message }
        guard let pool = planningCase.pool(kind.pool) else { return nil }
        if kind.gpus > pool.cluster.gpus.value {
            return "a worker of \(kind.gpus) GPUs is larger than the "
                + (planningCase.hasPools ? "pool" : "cluster") + " of \(pool.cluster.gpus) GPUs"
        }
        let capacity =
            phase == .prefill
            ? planningCase.prefillKVCapacity(kind) : planningCase.kvCapacity(kind)
        if let capacity, capacity.longestSequence < contextP95 {
            return
                "KV cache for \(capacity.longestSequence) tokens, but sessions reach \(contextP95) "
                + "tokens at P95"
        }
        return nil
    }
}

extension WorkerCheck {
    /// Kinds of workers of a layout that are no candidates, each with the first reason.
    public func rejected(in layout: Deployment) -> [Rejection] {
        let groups =
            layout.servingGroups.map { ($0.kind, Phase.decode) }
            + layout.prefillGroups.map { ($0.kind, .prefill) }
        return groups.compactMap { kind, phase in
            obstacle(to: kind, phase).map { Rejection(layout: kind.label, reason: $0) }
        }
        .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}

extension WorkerKind {
    /// What messages call the kind.
    var label: String {
        parallelism.split == nil && pool == GPUPool.onlyName ? "tp=\(degree)" : "worker \(self)"
    }
}
