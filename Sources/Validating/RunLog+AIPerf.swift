import ServingDomain

/// The summary of an AIPerf run: `profile_export_aiperf.json`.
struct AIPerfSummary {
    private let object: LoggedValue

    init(_ object: LoggedValue) { self.object = object }

    func log() throws(RunLogError) -> RunLog {
        let count = try mean("request_count", in: 1...1e6)
        let request = try LoggedRequest(
            input: try mean("input_sequence_length", in: 1...1e8),
            output: try mean("output_sequence_length", in: 1...1e8), place: "AIPerf, mean lengths")
        let settings = object["input_config"]
        if let turns = settings?.found(["turn", "turns"]),
            let mean = turns.number ?? turns["mean"]?.number, mean > 1
        {
            throw RunLogError(
                "AIPerf: found conversations of \(mean) turns, expected single requests: whether the "
                    + "engine kept their history is not in the log.")
        }
        var columns: [String: String] = [:]
        columns["model"] =
            settings?.found(["model_names"])?.list?.first?.text
            ?? settings?["models"]?.found(["name"])?.text
            ?? settings?["models"]?.list?.first?.text
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

    /// By the phase that was measured, where the run had several.
    private func pace(_ settings: LoggedValue?) throws(RunLogError) -> RunLog.Pace? {
        let phases = settings?["phases"]?.list
        let load = phases.map { phases in
            phases.first { $0["name"]?.text == "profiling" } ?? phases.last
        }.flatMap(\.self)
        let pattern = load?["type"] ?? settings?.found(["arrival_pattern", "request_rate_mode"])
        let (places, rate) = try limits(load ?? settings)
        let word = pattern?.text?.lowercased()
        if settings?.found(["fixed_schedule"])?.flag == true
            || ["user_centric", "fixed_schedule"].contains(word)
        {
            throw unknown("the requests of a schedule or of users")
        }
        guard let rate else { return places.map { .closed(places: $0) } }
        switch word ?? "poisson" {
        case "poisson":
            return .open(Rate(sessionsPerSecond: rate), cv: 1, places: places)
        case "gamma":
            let smoothness =
                (load ?? settings)?.found(["arrival_smoothness", "smoothness"])?.number ?? 1
            guard (1e-2...1e6).contains(smoothness) else {
                throw RunLogError(
                    "AIPerf: found the smoothness \(smoothness), expected 0.01 to 1000000.")
            }
            return .open(
                Rate(sessionsPerSecond: rate), cv: 1 / smoothness.squareRoot(), places: places)
        case let other: throw unknown("the arrival pattern \(other)")
        }
    }

    /// Requests under way at most, and how many came per second; nil where nothing is said.
    ///
    /// - Throws: where a number is none that a run can have.
    private func limits(
        _ load: LoggedValue?
    ) throws(RunLogError) -> (places: Int?, rate: Double?) {
        let places = load?.found(["concurrency"])
        let rate = load?.found(["request_rate", "rate"])
        guard places?.number.map((1...1e6).contains) != false else {
            throw RunLogError(
                "AIPerf: found the concurrency \(places?.text ?? "nothing"), expected 1 to 1000000."
            )
        }
        guard rate?.number.map((1e-6...1e6).contains) != false else {
            throw RunLogError(
                "AIPerf: found the request rate \(rate?.text ?? "nothing"), expected 0.000001 to "
                    + "1000000.")
        }
        return (places?.number.map { Int($0) }, rate?.number)
    }

    private func unknown(_ what: String) -> RunLogError {
        RunLogError(
            "AIPerf: found \(what), expected a concurrency, or a rate with Poisson or gamma gaps; "
                + "give the records of the run (profile_export.jsonl) instead.")
    }
}

/// Units of AIPerf's metrics.
private enum AIPerfUnit {
    /// Milliseconds of one unit.
    static func milliseconds(_ unit: String?, of name: String) throws(RunLogError) -> Double {
        guard let scale = AIPerfNames.milliseconds(unit) else {
            throw RunLogError(
                "AIPerf, \(name).unit: found \(unit ?? "nothing"), expected "
                    + "\(AIPerfNames.expectedUnits).")
        }
        return scale
    }
}

/// Records of an AIPerf run, one for every request: `profile_export.jsonl`.
struct AIPerfRecords {
    private let records: [LoggedValue]

    init(_ objects: [LoggedValue]) { records = objects }

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
        try request.answer(ttft: try milliseconds("time_to_first_token"), place: place)
        if request.outputTokens > 1 {
            try request.answer(tpot: try milliseconds("inter_token_latency"), place: place)
        }
        if let start = metadata?["request_start_ns"]?.number {
            try request.start(atNanoseconds: start, place: place)
        }
        return request
    }
}
