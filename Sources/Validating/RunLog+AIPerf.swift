import ServingDomain

/// The summary of an AIPerf run: `profile_export_aiperf.json`.
struct AIPerfSummary {
    private let object: LoggedValue

    init?(_ object: LoggedValue) {
        guard object["time_to_first_token"]?["avg"] != nil else { return nil }
        self.object = object
    }

    func log() throws(RunLogError) -> RunLog {
        let count = try mean("request_count", in: 1...1e6)
        let request = try LoggedRequest(
            input: try mean("input_sequence_length", in: 1...1e8),
            output: try mean("output_sequence_length", in: 1...1e8), place: "AIPerf, mean lengths")
        let settings = object["input_config"]
        var columns: [String: String] = [:]
        columns["model"] = settings?.found(["model_names"])?.list?.first?.text
        return try RunLog(
            .aiperf, requests: Array(repeating: request, count: Int(count)),
            pace: try pace(settings),
            means: MeanLatencies(
                ttft: try milliseconds("time_to_first_token"),
                tpot: try milliseconds("inter_token_latency")),
            columns: columns)
    }

    private func mean(_ name: String, in range: ClosedRange<Double>) throws(RunLogError) -> Double {
        guard let value = object[name]?["avg"]?.number, range.contains(value) else {
            throw RunLogError(
                "AIPerf, \(name).avg: found \(object[name]?["avg"]?.text ?? "nothing"), expected "
                    + "\(range.lowerBound) to \(range.upperBound).")
        }
        return value
    }

    private func milliseconds(_ name: String) throws(RunLogError) -> Double {
        let value = try mean(name, in: 0...1e9)
        return value * (try AIPerfUnit.milliseconds(object[name]?["unit"]?.text, of: name))
    }

    private func pace(_ settings: LoggedValue?) throws(RunLogError) -> RunLog.Pace? {
        let limit = settings?.found(["concurrency"])?.number
        let places = limit.flatMap { (1...1e6).contains($0) ? Int($0) : nil }
        guard let rate = settings?.found(["request_rate"])?.number, (1e-6...1e6).contains(rate)
        else {
            return places.map { .closed(places: $0) }
        }
        let pattern = settings?.found(["arrival_pattern", "request_rate_mode"])?.text ?? "poisson"
        let smoothness = settings?.found(["arrival_smoothness"])?.number ?? 1
        let cv: Double
        switch pattern.lowercased() {
        case "poisson": cv = 1
        case "gamma" where (1e-2...1e6).contains(smoothness): cv = 1 / smoothness.squareRoot()
        default:
            throw RunLogError(
                "AIPerf: found the arrival pattern \(pattern), expected poisson or gamma; give the "
                    + "records of the run (profile_export.jsonl) instead.")
        }
        return .open(Rate(sessionsPerSecond: rate), cv: cv, places: places)
    }
}

/// Units of AIPerf's metrics.
private enum AIPerfUnit {
    /// Milliseconds of one unit.
    static func milliseconds(_ unit: String?, of name: String) throws(RunLogError) -> Double {
        switch unit {
        case "ms", nil: return 1
        case "s", "sec": return 1e3
        case "us": return 1e-3
        case "ns": return 1e-6
        case let other?:
            throw RunLogError("AIPerf, \(name).unit: found \(other), expected ms, s, us or ns.")
        }
    }
}

/// Records of an AIPerf run, one for every request: `profile_export.jsonl`.
struct AIPerfRecords {
    private let records: [LoggedValue]

    init?(_ objects: [LoggedValue]) {
        guard let first = objects.first, first["metadata"]?["request_start_ns"] != nil else {
            return nil
        }
        records = objects
    }

    func log() throws(RunLogError) -> RunLog {
        var requests: [LoggedRequest] = []
        for (index, record) in records.enumerated() {
            if let request = try request(record, "AIPerf records, line \(index + 1)") {
                requests.append(request)
            }
        }
        return try RunLog(.aiperfRecords, requests: requests, pace: nil, columns: [:])
    }

    /// Nil for one that warmed up, was cancelled or failed.
    private func request(
        _ record: LoggedValue, _ place: String
    ) throws(RunLogError) -> LoggedRequest? {
        let metadata = record["metadata"]
        guard record["error"] == nil, metadata?["was_cancelled"]?.flag != true,
            metadata?["benchmark_phase"]?.text ?? "profiling" == "profiling"
        else { return nil }
        guard (metadata?["turn_index"]?.number ?? 0) == 0 else {
            throw RunLogError(
                "\(place): found a second turn of a conversation, expected single requests: whether "
                    + "the engine kept its history is not in the log.")
        }
        func value(_ name: String) throws(RunLogError) -> Double {
            guard let value = record["metrics"]?[name]?["value"]?.number else {
                throw RunLogError("\(place): found no \(name); expected a streaming run.")
            }
            return value
        }
        func milliseconds(_ name: String) throws(RunLogError) -> Double {
            let unit = record["metrics"]?[name]?["unit"]?.text
            return try value(name) * AIPerfUnit.milliseconds(unit, of: name)
        }
        var request = try LoggedRequest(
            input: try value("input_sequence_length"), output: try value("output_sequence_length"),
            place: place)
        request.ttft = try milliseconds("time_to_first_token")
        if request.outputTokens > 1 { request.tpot = try milliseconds("inter_token_latency") }
        if let start = metadata?["request_start_ns"]?.number {
            try request.start(atNanoseconds: start, place: place)
        }
        return request
    }
}
