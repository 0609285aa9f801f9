import Catalog
import EmbeddedFacts

/// The schemas of every kind of manifest, by kind and version.
///
/// They hold the names, types and ranges of public schemas, whose origins `docs/exports.md` lists.
struct ManifestSchemas: Sendable {
    private let schemas: [String: Shape]
    private let definitions: [String: Shape]

    /// Those that the program was compiled with.
    static let embedded: Self = {
        let path = "Sources/CEmbeddedFacts/Schemas/manifests.json"
        let tree = try? ManifestText.documents(
            bytes: EmbeddedFacts.bytes(path) ?? [], file: path
        ).first
        return Self(tree)
    }()

    private init(_ tree: SourceValue?) {
        func shapes(_ key: String) -> [String: Shape] {
            var found: [String: Shape] = [:]
            for entry in tree?.member(key)?.entries ?? [] { found[entry.key] = Shape(entry.value) }
            return found
        }
        schemas = shapes("schemas")
        definitions = shapes("definitions")
    }

    /// Names that `faults(of:against:)` knows, sorted.
    var names: [String] { schemas.keys.sorted() }

    /// Everything in `value` that the schema of that name refuses, in the order of the file.
    ///
    /// - Precondition: there is a schema of that name.
    func faults(of value: SourceValue, against name: String) -> [SchemaFault] {
        guard let shape = schemas[name] else { preconditionFailure("no schema \(name)") }
        var validation = SchemaValidation(schemas: self)
        return validation.faults(of: value, shape, at: [])
    }

    /// The keywords behind references; nil where anything, or nothing, is accepted.
    func rules(_ shape: Shape) -> ShapeRules? {
        switch shape {
        case .rules(let rules): rules
        case .always: nil
        case .reference(let name): definitions[name].flatMap(rules)
        }
    }
}

/// Something that a schema refuses.
struct SchemaFault: Hashable, Sendable {
    let place: SourcePlace
    /// Keys and positions from the top of the document.
    let path: [String]
    /// Whether a key is unknown; else a value is not what it has to be.
    let isUnknownField: Bool
    let message: String
}
