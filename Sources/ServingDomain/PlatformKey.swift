/// A model on a GPU with an engine, by name: what constants of an engine are measured for.
public struct PlatformKey: Hashable, Sendable {
    public let gpu: String
    public let engine: String
    public let model: String
    /// Version of the engine, without a `v` before it; nil stands for builds of any version.
    public let engineVersion: String?

    public init(gpu: String, engine: String, model: String, engineVersion: String? = nil) {
        self.gpu = gpu
        self.engine = engine
        self.model = model
        self.engineVersion = engineVersion.map(Self.plain)
    }

    /// The same for builds of any version.
    public var ofAnyVersion: Self { Self(gpu: gpu, engine: engine, model: model) }

    /// The same for builds of one version.
    public func of(version: String?) -> Self {
        Self(gpu: gpu, engine: engine, model: model, engineVersion: version)
    }

    /// The engine, with its version if there is one, in words.
    public var named: String { engine + (engineVersion.map { " \($0)" } ?? "") }

    /// A version of an engine as it is compared: v0.18.0 is 0.18.0.
    public static func plain(_ version: String) -> String {
        version.count > 1 && version.hasPrefix("v") ? String(version.dropFirst()) : version
    }
}
