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
        everyRowOn.contains(gpu) ? .every : .own(self)
    }
}

/// Rows that kernels of dealt-out experts go over.
public enum ExpertRows: Hashable, Sendable {
    /// Whatever was timed: where no engine is meant.
    case asTimed
    /// Of all picks, whoever has the experts.
    case every
    /// Of the GPU's own experts; so are timings of this engine itself on such GPUs.
    case own(DealtExperts)

    public var areOwn: Bool { if case .own = self { true } else { false } }

    /// Whether timings are of kernels that leave absent rows out, being the engine's own on a GPU where it does.
    ///
    /// - Parameter kernels: engine and version that were timed, such as `vllm 0.24.0`, or `vllm@h200-sxm 0.24.0` where
    ///   they are carried over from another GPU.
    /// - Returns: whether that engine is the one whose kernels are meant, and what it has there.
    public func areThose(of kernels: String) -> Bool {
        guard case .own(let dealt) = self else { return false }
        let names = kernels.prefix { $0 != " " }.split(separator: "@", maxSplits: 1)
        guard let engine = names.first, engine == dealt.engine else { return false }
        return names.dropFirst().allSatisfy { !dealt.everyRowOn.contains(String($0)) }
    }
}
