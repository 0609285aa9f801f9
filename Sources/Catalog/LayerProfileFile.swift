/// `meta.yaml` of a profile of layers: what its tables were measured on, as far as it tells.
public struct LayerProfileFile: Hashable, Sendable {
    public let model: String?
    public let gpu: String?
    public let engineVersion: String?
    /// Number format of weights and activations, as the file names it.
    public let variant: String?

    /// Reads the file's bytes; keys that say how it was measured are not read.
    ///
    /// - Throws: for anything but a mapping, with the place.
    public init(bytes: [UInt8], fileName: String) throws(CatalogError) {
        let fields = try Fields(SourceText.tree(bytes: bytes, file: fileName))
        func text(_ key: String) throws(CatalogError) -> String? {
            fields.value(key) == nil ? nil : try fields.text(key)
        }
        model = try text("model")
        gpu = try text("hardware")
        engineVersion = try text("vllm_version")
        variant = try text("variant")
    }
}
