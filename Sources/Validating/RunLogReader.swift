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
        if let spans = RequestSpans(objects) { return [try spans.log()] }
        if let records = AIPerfRecords(objects) { return [try records.log()] }
        var runs: [RunLog] = []
        for object in objects {
            if let result = BenchResult(object) {
                runs.append(try result.log())
            } else if let summary = AIPerfSummary(object) {
                runs.append(try summary.log())
            } else {
                throw RunLogError(
                    "Found JSON that is no known log; expected a result of vllm bench serve "
                        + "(mean_ttft_ms), AIPerf's profile_export_aiperf.json or "
                        + "profile_export.jsonl, or OpenTelemetry spans (resourceSpans).")
            }
        }
        guard !runs.isEmpty else { throw RunLogError("It is empty; expected a log.") }
        return runs
    }
}
