/// A model on a GPU with an engine, by name: what constants of an engine are measured for.
public struct PlatformKey: Hashable, Sendable {
    public let gpu: String
    public let engine: String
    public let model: String
    /// Nil stands for builds of any version.
    public let version: EngineVersion?

    public init(gpu: String, engine: String, model: String, version: EngineVersion? = nil) {
        self.gpu = gpu
        self.engine = engine
        self.model = model
        self.version = version
    }

    /// The same for builds of any version.
    public var ofAnyVersion: Self { Self(gpu: gpu, engine: engine, model: model) }

    /// The same for builds of one version.
    public func of(_ version: EngineVersion) -> Self {
        Self(gpu: gpu, engine: engine, model: model, version: version)
    }

    /// The engine, with its version if there is one, in words.
    public var named: String { engine + (version.map { " \($0)" } ?? "") }
}
