public import ServingDomain

/// A layout or degree that was left out, and why.
public struct Rejection: Hashable, Sendable {
    public let layout: String
    public let reason: String

    public init(layout: String, reason: String) {
        self.layout = layout
        self.reason = reason
    }
}

/// The tensor-parallel degrees at which a worker can run at all.
public struct CandidateDegrees: Hashable, Sendable {
    public let degrees: [TensorParallelDegree]
    public let rejected: [Rejection]

    /// Checks each degree of the case: heads, node size, budget and memory.
    ///
    /// - Parameters:
    ///   - planningCase: the case.
    ///   - contextP95: longest context that 95 % of the sessions do not exceed; a worker that cannot
    ///     hold it is no candidate. Longer sessions that do not fit are refused in simulation.
    ///   - degrees: the degrees to look at; those of the case's planning unless given.
    public init(
        _ planningCase: Case, contextP95: Tokens, among degrees: [TensorParallelDegree]? = nil
    ) {
        var fitting: [TensorParallelDegree] = []
        var rejected: [Rejection] = []
        for degree in (degrees ?? planningCase.planning.degrees).sorted() {
            if let reason = Self.obstacle(degree, planningCase, contextP95) {
                rejected.append(Rejection(layout: "tp=\(degree)", reason: reason))
            } else {
                fitting.append(degree)
            }
        }
        self.degrees = fitting
        self.rejected = rejected
    }

    private static func obstacle(
        _ degree: TensorParallelDegree, _ planningCase: Case, _ contextP95: Tokens
    ) -> String? {
        if let obstacle = planningCase.obstacles(to: degree).first { return obstacle.message }
        if degree.value > planningCase.cluster.gpus.value {
            return "a worker of \(degree) GPUs is larger than the cluster of "
                + "\(planningCase.cluster.gpus) GPUs"
        }
        let capacity = planningCase.kvCapacity(degree)
        if capacity.tokens < contextP95 {
            return "KV cache for \(capacity.tokens) tokens, but sessions reach \(contextP95) "
                + "tokens at P95"
        }
        return nil
    }
}
