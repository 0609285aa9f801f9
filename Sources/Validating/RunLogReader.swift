public import Foundation

extension RunLog {
    /// Whether bytes look like a log and not like a table: they begin as JSON does.
    public static func isLog(_ bytes: Data) -> Bool {
        let first = bytes.first { !" \t\r\n\u{FEFF}".utf8.contains($0) }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }

    /// The runs of a log, which is recognised by what it holds.
    ///
    /// - Parameter bytes: of the file.
    /// - Returns: one run, or several where a client appended the results of several.
    /// - Throws: where nothing known is in it, or it lacks something.
    public static func runs(_ bytes: Data) throws(RunLogError) -> [RunLog] {
        let objects = try LoggedValue.objects(bytes)
        guard !objects.isEmpty else { throw RunLogError("It is empty; expected a log.") }
        var format: Format?
        for (index, object) in objects.enumerated() {
            let found = try Self.format(object)
            guard format ?? found == found else {
                throw RunLogError(
                    "Found both \(format?.rawValue ?? "") and, as value \(index + 1), "
                        + "\(found.rawValue); expected a file for each of them.")
            }
            format = found
        }
        switch format {
        case .spans: return [try RequestSpans(objects).log()]
        case .aiperfRecords: return [try AIPerfRecords(objects).log()]
        case .aiperf, .bench, nil:
            var runs: [RunLog] = []
            for object in objects {
                runs.append(
                    try format == .bench
                        ? BenchResult(object).log() : AIPerfSummary(object).log())
            }
            return runs
        }
    }

    /// Who wrote a value.
    private static func format(_ object: LoggedValue) throws(RunLogError) -> Format {
        if object["resourceSpans"] != nil { return .spans }
        if object["metadata"]?["request_start_ns"] != nil { return .aiperfRecords }
        if object["mean_ttft_ms"] != nil, object["completed"] ?? object["num_prompts"] != nil {
            return .bench
        }
        if object["time_to_first_token"]?["avg"] != nil { return .aiperf }
        throw RunLogError(
            "Found JSON that is no known log; expected a result of vllm bench serve "
                + "(mean_ttft_ms), AIPerf's profile_export_aiperf.json or "
                + "profile_export.jsonl, or OpenTelemetry spans (resourceSpans).")
    }
}
