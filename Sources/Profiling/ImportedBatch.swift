public import ServingDomain

/// One import, as the store remembers it.
public struct ImportedBatch: Hashable, Sendable {
    public let id: Int64
    /// File name without folders.
    public let file: String
    /// Digest of the file's bytes in hexadecimal.
    public let sha256: String
    /// Several names joined by commas where the file held published facts.
    public let gpu: String
    public let engine: String
    public let version: String
    public let adapter: String
    public let trust: Trust
    /// Comments of the file, one per line: driver, clocks and whatever its author wrote.
    public let notes: String
    /// ISO 8601 in UTC.
    public let importedAt: String
    public let toolVersion: String
    public let rowsRead: Int
    public let samplesAdded: Int
    public let duplicates: Int
    public let refused: Int
}
