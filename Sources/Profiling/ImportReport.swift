public import ServingDomain

/// A row that an import did not take.
public struct RefusedRow: Hashable, Sendable {
    public let file: String
    /// Counted from 1, header and comments included.
    public let line: Int
    public let reason: String
}

extension RefusedRow: CustomStringConvertible {
    public var description: String { "\(file):\(line): \(reason)" }
}

/// What one import did.
public struct ImportReport: Hashable, Sendable {
    public let file: String
    /// Number of the batch under which the store keeps what was added.
    public let batch: Int64
    /// Layout of the file, for example `aiconfigurator gemm`.
    public let adapter: String
    /// For published facts the names of all GPUs, joined by commas.
    public let gpu: String
    /// Empty for published facts.
    public let engine: String
    /// Empty for published facts.
    public let version: String
    public let trust: Trust
    /// Rows below the header, refused ones included.
    public internal(set) var rowsRead = 0
    public internal(set) var samplesAdded = 0
    public internal(set) var factsAdded = 0
    /// Samples or facts that the store had already.
    public internal(set) var duplicates = 0
    /// Cells of wide tables that hold no time: blank, or rounded to zero.
    public internal(set) var cellsSkipped = 0
    public internal(set) var refusedRows: [RefusedRow] = []

    public var refused: Int { refusedRows.count }

    init(file: String, batch: Int64, adapter: String, origin: Origin) {
        self.file = file
        self.batch = batch
        self.adapter = adapter
        gpu = origin.context.gpu
        engine = origin.context.engine
        version = origin.context.version
        trust = origin.trust
    }
}
