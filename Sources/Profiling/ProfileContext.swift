public import ServingDomain

/// What was measured: one GPU type under one version of one engine or library.
public struct ProfileContext: Hashable, Sendable {
    /// Canonical name in kebab-case, for example `h100-sxm`.
    public let gpu: String
    /// For example `vllm`; collectives of a library stand under its own name, for example `nccl`.
    public let engine: String
    public let version: String

    public init(gpu: String, engine: String, version: String) {
        self.gpu = gpu
        self.engine = engine
        self.version = version
    }
}

extension ProfileContext: CustomStringConvertible {
    public var description: String { "\(gpu) / \(engine) \(version)" }
}

/// How much a store holds about one context at one level of trust.
public struct ContextSummary: Hashable, Sendable {
    public let context: ProfileContext
    public let trust: Trust
    public let series: Int
    public let samples: Int
}

/// A published figure of a GPU, kept as the text of its source.
public struct PublishedFact: Hashable, Sendable {
    public let gpu: String
    public let name: String
    public let unit: String
    public let value: String
}
