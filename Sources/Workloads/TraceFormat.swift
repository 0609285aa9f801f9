/// The trace formats that can be read; docs/traces.md describes them.
public enum TraceFormat: String, Hashable, Sendable, CaseIterable {
    /// Told from the first line.
    case auto
    /// One round per line under a header.
    case csv
    /// One session per line.
    case jsonl
    /// One request per line with the hashes of its prompt blocks, sessions unknown.
    case mooncake
    /// The same lines, every request a session of its own that shares its blocks with others.
    case mooncakeBlocks = "mooncake_blocks"
    /// One request per line under a header, with arrivals for one request per second.
    case requests
    /// Azure's LLM inference traces: one request per line with its date, prompt and answer.
    case azure

    /// The format whose first line of data this is.
    static func detect(_ line: TraceLine) throws(WorkloadError) -> Self {
        if line.text.hasPrefix("{") {
            if line.text.contains("\"hash_ids\"") { return .mooncake }
            if line.text.contains("\"rounds\"") { return .jsonl }
        } else if line.text.contains("new_tokens"), line.text.contains("output_tokens") {
            return .csv
        } else if line.text.contains(RequestCSVReader.arrival) {
            return .requests
        } else if AzureReader.columns.allSatisfy(line.text.contains) {
            return .azure
        }
        throw .unknownFormat(line: line.number, found: line.excerpt)
    }
}
