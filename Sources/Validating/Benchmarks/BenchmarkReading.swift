import Catalog

extension BenchmarkFigures {
    /// Reads the file of a benchmark, by what is in it.
    ///
    /// Known are llm-d's Benchmark Report v0.2 (YAML or JSON), results of `vllm bench serve`, exports of AIPerf
    /// and genai-perf (JSON or CSV), and rounds as `simulate --rounds-out` writes them (CSV or JSONL).
    ///
    /// - Parameters:
    ///   - bytes: of the file.
    ///   - file: its name, for messages.
    ///   - tenant: whose rounds are meant, where a file of rounds names tenants; nil for all.
    /// - Returns: every figure that the file tells.
    /// - Throws: `BenchmarkError` where it is none of these, or tells no figure.
    public static func read(
        bytes: [UInt8], file: String, tenant: String? = nil
    ) throws(BenchmarkError) -> BenchmarkFigures {
        let text = String(decoding: bytes, as: UTF8.self)
        var found = try RoundsReading.figures(text, file, tenant: tenant)
        if found == nil { found = try AIPerfTable.figures(text, file) }
        if found == nil { found = try tree(bytes, file) }
        guard let found else {
            throw BenchmarkError(
                description:
                    "\(file): none of a Benchmark Report, a result of vllm bench serve, an export of "
                    + "AIPerf, and a file of rounds.")
        }
        guard !found.values.isEmpty else {
            throw BenchmarkError(
                description: "\(file): looks like \(found.format.rawValue) and tells no figure"
                    + (tenant.map { " of tenant \($0)." } ?? "."))
        }
        return found
    }

    private static func tree(
        _ bytes: [UInt8], _ file: String
    ) throws(BenchmarkError) -> BenchmarkFigures? {
        let documents: [SourceValue]
        do {
            documents = try ManifestText.documents(bytes: bytes, file: file)
        } catch {
            throw BenchmarkError(description: error.description)
        }
        guard let document = documents.first else { return nil }
        if document.member("results") != nil, document.member("run") != nil {
            return try report(document, file)
        }
        if document.member("mean_ttft_ms") != nil || document.member("request_throughput") != nil,
            document.member("request_throughput")?.entries == nil
        {
            return try bench(document)
        }
        return document.member("time_to_first_token") == nil
            ? nil : try AIPerfTable.figures(document, file)
    }

    // MARK: Benchmark Report

    private static func report(
        _ document: SourceValue, _ file: String
    ) throws(BenchmarkError) -> BenchmarkFigures {
        var found = BenchmarkFigures(format: .benchmarkReport)
        let aggregate = document.member(at: "results", "request_performance", "aggregate")
        let latencies: [(String, ServingFigure.Metric)] = [
            ("time_to_first_token", .ttft), ("inter_token_latency", .itl),
            ("time_per_output_token", .tpot),
        ]
        for (key, metric) in latencies {
            guard let entry = aggregate?.member(at: "latency", key), !entry.isNull else { continue }
            let unit = entry.member("units")?.text ?? ""
            guard let scale = milliseconds[unit] else {
                throw BenchmarkError(
                    description:
                        "\(entry.place): units of \(key) are '\(unit)'; expected ms, s, ms/token or "
                        + "s/token.")
            }
            try found.take(entry, metric, scale)
        }
        let sessions = document.member(at: "results", "session_performance", "sessions")
        if let entry = sessions?.member("session_duration"), !entry.isNull {
            try found.take(entry, .session, milliseconds[entry.member("units")?.text ?? ""] ?? 1e3)
        }
        found.requests = aggregate?.member(at: "requests", "total")?.integer
        found.failed = aggregate?.member(at: "requests", "failures")?.integer
        let rates: [(String, ServingFigure.Metric)] = [
            ("request_rate", .requestRate), ("output_token_rate", .outputRate),
        ]
        for (key, metric) in rates {
            let value = aggregate?.member(at: "throughput", key)?.member("mean")
            if let value { found.values[ServingFigure(metric)] = try Self.number(value, key) }
        }
        return found
    }

    private static let milliseconds: [String: Double] = [
        "ms": 1, "ms/token": 1, "s": 1e3, "s/token": 1e3,
    ]

    // MARK: vllm bench serve

    private static func bench(_ document: SourceValue) throws(BenchmarkError) -> BenchmarkFigures {
        var found = BenchmarkFigures(format: .vllmBench)
        let metrics: [(String, ServingFigure.Metric)] = [
            ("ttft", .ttft), ("itl", .itl), ("tpot", .tpot),
        ]
        for (key, metric) in metrics {
            for statistic in ServingFigure.Statistic.allCases {
                let words = statistic == .p50 ? ["median", "p50"] : [statistic.rawValue]
                for word in words {
                    let name = "\(word)_\(key)_ms"
                    guard let value = document.member(name), !value.isNull else { continue }
                    found.values[ServingFigure(metric, statistic)] = try number(value, name)
                }
            }
        }
        let rates: [(String, ServingFigure.Metric)] = [
            ("request_throughput", .requestRate), ("output_throughput", .outputRate),
        ]
        for (name, metric) in rates {
            guard let value = document.member(name), !value.isNull else { continue }
            found.values[ServingFigure(metric)] = try number(value, name)
        }
        found.failed = document.member("failed")?.integer
        found.requests = document.member("completed")?.integer.map { $0 + (found.failed ?? 0) }
        found.model = document.member("model_id")?.text
        return found
    }

    /// A figure that can have been measured.
    static func number(
        _ value: SourceValue, _ name: String
    ) throws(BenchmarkError) -> Double {
        guard let number = value.number, (0...1e15).contains(number) else {
            throw BenchmarkError(
                description: "\(value.place): \(name) is \(value.shown); expected a number from 0.")
        }
        return number
    }

    /// Mean and percentiles of a latency.
    fileprivate mutating func take(
        _ entry: SourceValue, _ metric: ServingFigure.Metric, _ scale: Double
    ) throws(BenchmarkError) {
        for statistic in ServingFigure.Statistic.allCases {
            guard let value = entry.member(statistic.rawValue), !value.isNull else { continue }
            let number = try Self.number(value, statistic.rawValue)
            values[ServingFigure(metric, statistic)] = number * scale
        }
    }
}
