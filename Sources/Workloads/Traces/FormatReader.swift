/// One format of traces: its text in, sessions out.
protocol TraceFormatReader {
    /// Prepares for another file.
    ///
    /// - Parameter name: of the file, without its folder; empty where there is none.
    mutating func begin(file name: String)
    /// What was read of all files.
    mutating func finish() throws(WorkloadError) -> RecordedTrace
}

extension TraceFormatReader {
    mutating func begin(file name: String) {}
}

/// A format with a record on every line.
protocol TraceLineReader: TraceFormatReader {
    mutating func read(_ line: TraceLine) throws(WorkloadError)
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
