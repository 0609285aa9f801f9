/// Whose rows an engine's kernels go over where routed experts are dealt out over GPUs (expert parallelism).
public struct DealtExperts: Hashable, Sendable {
    public let engine: String
    /// Names of GPUs on which kernels go over the rows of every token's picks, whoever has those experts.
    public let everyRowOn: Set<String>

    public init(engine: String, everyRowOn: Set<String> = []) {
        self.engine = engine
        self.everyRowOn = everyRowOn
    }

    /// What kernels on a GPU go over.
    public func rows(on gpu: String) -> ExpertRows {
        everyRowOn.contains(gpu) ? .every : .own(engine: engine)
    }
}

/// Rows that kernels of dealt-out experts go over.
public enum ExpertRows: Hashable, Sendable {
    /// Whatever was timed: where no engine is meant.
    case asTimed
    /// Of all picks, whoever has the experts.
    case every
    /// Of the GPU's own experts; so are timings of this engine itself.
    case own(engine: String)

    public var areOwn: Bool { if case .own = self { true } else { false } }

    /// Whether timings are of kernels that leave absent rows out, being the engine's own.
    ///
    /// - Parameter kernels: engine and version that were timed, such as `vllm 0.24.0` or `vllm@h200-sxm 0.24.0`.
    /// - Returns: whether that engine is the one whose kernels are meant.
    public func areThose(of kernels: String) -> Bool {
        guard case .own(let engine) = self else { return false }
        return kernels.prefix { $0 != " " && $0 != "@" } == engine
    }
}
