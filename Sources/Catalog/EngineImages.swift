/// Public container images of an engine.
public struct EngineImages: Hashable, Sendable {
    /// Version that is meant where nobody has said.
    public let version: String
    /// With `{version}` in place of the version.
    private let engine: String
    /// Of NVIDIA Dynamo around the engine, with a version of its own.
    public let dynamo: String?
    public let source: String

    init(_ fields: Fields) throws(CatalogError) {
        try fields.refuseKeys(except: ["version", "engine", "dynamo", "source"])
        version = try fields.text("version")
        engine = try fields.text("engine")
        dynamo = fields.value("dynamo") == nil ? nil : try fields.text("dynamo")
        source = try fields.text("source")
    }

    /// The engine's own image.
    ///
    /// - Parameter version: of the engine; nil for the usual one.
    /// - Returns: a name with a tag.
    public func engine(version: String?) -> String {
        engine.replacing("{version}", with: version ?? self.version)
    }
}
