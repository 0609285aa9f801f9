import ServingDomain

/// Tells formats by what is in a file.
enum FormatDetection {
    /// The format whose first line of data this is; nil where the line is only the beginning of a JSON
    /// document.
    static func format(_ line: TraceLine) throws(WorkloadError) -> TraceFormat? {
        guard line.first == UInt8(ascii: "{") || line.first == UInt8(ascii: "[") else {
            let text = try line.text()
            guard let format = header(text) else {
                throw .unknownFormat(line: line.number, found: line.excerpt)
            }
            return format
        }
        do {
            var scanner = JSONScanner(line.bytes, line.range)
            let names = try memberNames(&scanner)
            try scanner.finish()
            if let format = format(names) { return format }
            // Some documents are told by the values of their members.
            guard let root = try? JSONNode(line.bytes, line.range), let format = format(root) else {
                throw WorkloadError.unknownFormat(line: line.number, found: line.excerpt)
            }
            return format
        } catch let error as WorkloadError {
            throw error
        } catch {
            return nil
        }
    }

    private static func header(_ text: String) -> TraceFormat? {
        let fields = CSVFields.split(text) ?? []
        if ServeGenReader.isWindow(fields) { return .serveGen }
        let columns = Set(fields)
        if columns.isSuperset(of: ["new_tokens", "output_tokens"]) { return .sessionsCSV }
        if columns.contains(RequestCSVReader.arrival) { return .requestsCSV }
        if columns.isSuperset(of: AzureReader.columns) { return .azureCSV }
        if columns.isSuperset(of: BurstGPTReader.columns) { return .burstGPT }
        if MetricSample(text) != nil { return .prometheus }
        return nil
    }

    /// The format of a JSON document.
    static func format(_ root: JSONNode) -> TraceFormat? {
        if ServeGenReader.holdsLengths(root) { return .serveGen }
        if MultiTurnReader.holdsLaws(root) { return .vllmMultiTurn }
        if let entries = root.members, !entries.isEmpty,
            entries.allSatisfy({ $0.value["query"] != nil && $0.value["answer"] != nil })
        {
            return .toolBench
        }
        return format(Set((root.members ?? []).map(\.name)))
    }

    /// The format whose objects have these members.
    private static func format(_ names: Set<String>) -> TraceFormat? {
        if names.isSuperset(of: ["chat_id", "parent_chat_id", "timestamp"]) { return .bailian }
        if names.contains("arrival_time_ns"),
            !names.isDisjoint(with: ["input_toks", "sub_requests"])
        {
            return .llmServingSim
        }
        if names.isSuperset(of: ["session_id", "output_length"]),
            !names.isDisjoint(with: ["input_length", "text_input", "messages"])
        {
            return .mooncakeSessions
        }
        if names.isSuperset(of: ["timestamp", "hash_ids"]) { return .mooncakeJSONL }
        if names.contains("rounds") { return .sessionsJSONL }
        if names.contains("requests"),
            !names.isDisjoint(with: ["block_size", "hash_id_scope"])
        {
            return .kvCacheTester
        }
        if names.isSuperset(of: ["session_id", "round_index"]) { return .traceLab }
        if names.contains("trajectory") { return .sweAgent }
        if names.contains("answer_generation") { return .toolBench }
        if names.contains("messages") { return .vllmMultiTurn }
        if names.contains("filetype"), names.contains("prompt_input") { return .vllmMultiTurn }
        if names.contains("resourceSpans") || names.contains("spans") { return .openTelemetry }
        return nil
    }

    /// Of an object, or of the first in a list.
    private static func memberNames(_ scanner: inout JSONScanner) throws(JSONFault) -> Set<String> {
        var names: Set<String> = []
        if scanner.peek() == UInt8(ascii: "[") {
            var isFirst = true
            try scanner.elements { (scanner) throws(JSONFault) in
                if isFirst, scanner.peek() == UInt8(ascii: "{") {
                    names = try memberNames(&scanner)
                } else {
                    try scanner.skipValue()
                }
                isFirst = false
            }
            return names
        }
        try scanner.members { (scanner, key) throws(JSONFault) in
            if let name = key.text { names.insert(name) }
            try scanner.skipValue()
        }
        return names
    }
}
