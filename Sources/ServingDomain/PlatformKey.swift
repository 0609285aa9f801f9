/// A model on a GPU with an engine, by name: what constants of an engine are measured for.
public struct PlatformKey: Hashable, Sendable {
    public let gpu: String
    public let engine: String
    public let model: String

    public init(gpu: String, engine: String, model: String) {
        self.gpu = gpu
        self.engine = engine
        self.model = model
    }
}
