import ServingDomain

/// A model with the other names it goes by.
struct ModelFile {
    let model: ModelSpec
    let aliases: [String]

    /// Reads one of our files, which has a `config` block, or a bare `config.json`.
    ///
    /// `name` names a model whose file does not.
    init(_ tree: SourceValue, name: String) throws(CatalogError) {
        let fields = try Fields(tree)
        guard let config = try fields.section("config") else {
            model = try ModelConfiguration(name: name, fields).model()
            aliases = []
            return
        }
        try fields.refuseKeys(except: ["name", "aliases", "source", "config"])
        let ownName = try fields.text("name", default: name)
        model = try ModelConfiguration(name: ownName, config).model()
        aliases = try fields.texts("aliases")
    }
}
