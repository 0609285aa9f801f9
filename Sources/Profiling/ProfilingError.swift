/// Why the store of timings or a file of timings cannot be used.
public enum ProfilingError: Error, Hashable, Sendable {
    case cannotRead(path: String, reason: String)
    case emptyFile(String)
    case noRows(file: String, adapter: String)
    case malformedHeader(file: String, line: Int, reason: String)
    case unknownHeader(file: String, line: Int, columns: [String], nearest: String, known: [String])
    /// A table of layer timings whose model or degree is not known.
    case layersUnknown(file: String, reason: String)
    case originUnknown(file: String, missing: String)
    case noFacts(file: String, gpu: String, known: [String])
    case unusableName(file: String, field: String, value: String)
    /// Some refused rows of a file of which nothing was taken; `total` counts all of them.
    case rowsRefused(file: String, rows: [RefusedRow], total: Int)
    case cannotOpen(path: String, reason: String)
    case notAStore(path: String, reason: String)
    case newerSchema(path: String, found: String, known: String)
    case busy(path: String)
    case damaged(path: String, detail: String)
    case failed(path: String, reason: String)
    case noSuchBatch(Int64, known: Int)
    case nothingAbout(String, known: [String])
    case severalTrusts(String, found: [String])
}
