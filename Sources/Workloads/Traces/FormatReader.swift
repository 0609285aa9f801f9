/// One format of traces: its text in, sessions out.
protocol TraceFormatReader {
    /// What was read of all files.
    mutating func finish() throws(WorkloadError) -> RecordedTrace
}

/// A format with a record on every line.
protocol TraceLineReader: TraceFormatReader {
    /// Prepares for the first line of another file.
    mutating func beginFile()
    mutating func read(_ line: TraceLine) throws(WorkloadError)
}

extension TraceLineReader {
    mutating func beginFile() {}
}

/// A format whose files are JSON documents.
protocol TraceDocumentReader: TraceFormatReader {
    mutating func read(_ document: TraceDocument) throws(WorkloadError)
}

/// A JSON value that is a whole file, or one of several in it.
struct TraceDocument {
    let root: JSONNode
    /// Name of the file, without its folder; empty where there is none.
    let file: String
    /// Of the file.
    let bytes: Int
}
