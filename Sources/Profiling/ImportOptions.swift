public import Foundation
public import ServingDomain

/// What the person who imports a file says about it; given values win over the file's own.
///
/// For published facts `gpu` chooses the column to take; engine and version do not apply to them.
public struct ImportOptions: Sendable {
    public var gpu: String?
    public var engine: String?
    public var version: String?
    public var trust: Trust?
    /// Name of the model whose layers a table of layer timings holds.
    public var model: String?
    /// Finds a model by name; nil for one that is not known.
    public var findModel: @Sendable (String) -> ModelSpec? = { _ in nil }
    /// Reads the `meta.yaml` at a path.
    public var readMeta: @Sendable (String) throws -> LayerMeta = { _ in LayerMeta() }
    /// Takes the good rows of a file with bad ones, and lists the bad ones in the report.
    public var skipBadRows: Bool
    /// Version of this tool, for the record.
    public var toolVersion: String
    /// Instant of the import, for the record.
    public var date: Date

    public init(
        gpu: String? = nil, engine: String? = nil, version: String? = nil, trust: Trust? = nil,
        model: String? = nil, findModel: @escaping @Sendable (String) -> ModelSpec? = { _ in nil },
        skipBadRows: Bool = false, toolVersion: String, date: Date = Date()
    ) {
        self.gpu = gpu
        self.engine = engine
        self.version = version
        self.trust = trust
        self.model = model
        self.findModel = findModel
        self.skipBadRows = skipBadRows
        self.toolVersion = toolVersion
        self.date = date
    }
}
