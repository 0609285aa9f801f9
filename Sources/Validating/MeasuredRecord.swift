import ServingDomain

/// What keeps a line from being a row.
struct MeasuredLack: Error {
    let reason: String
}

/// The fields of a line.
struct MeasuredRecord {
    let line: Int
    let places: [String: Int]
    let fields: [String]
    var id = ""
    /// The log of the run, which has the load and the latencies, and perhaps more.
    private var log: RunLog?

    init(line: Int, places: [String: Int], fields: [String]) {
        self.line = line
        self.places = places
        self.fields = fields
    }

    /// What a log says, and what is stated beside it by the names of columns.
    init(line: Int, id: String, _ log: RunLog, stated: [String: String]) {
        let columns = stated.sorted { $0.key < $1.key }
        self.init(
            line: line,
            places: Dictionary(
                uniqueKeysWithValues: columns.indices.map { (columns[$0].key, $0) }),
            fields: columns.map(\.value))
        self.id = id
        self.log = log
    }

    /// The same with the log that its column names.
    ///
    /// - Throws: where the line states what the log tells.
    func with(_ log: RunLog) throws(MeasuredTableError) -> Self {
        for name in Self.toldByLogs {
            guard let text = own(name) else { continue }
            throw .badField(
                line, column: name, found: text, expected: "nothing, for the log tells it")
        }
        var copy = self
        copy.log = log
        return copy
    }

    /// Names of the same column, of which one may be left out.
    private static let synonyms = [
        ("system", "gpu"), ("backend", "engine"), ("backend_version", "engine_version"),
        ("silicon_ttft_ms", "ttft_ms"), ("silicon_tpot_ms", "tpot_ms"),
    ]

    /// A word or a number as the same of another column may be written.
    private static func plain(_ text: String) -> String {
        if let number = Double(text) { return "\(number)" }
        let name = text.lowercased().replacing("_", with: "-")
        return EngineVersion(name)?.description ?? name
    }

    /// Columns that a log fills.
    private static let toldByLogs = [
        "isl", "osl", "ttft_ms", "silicon_ttft_ms", "tpot_ms", "silicon_tpot_ms", "batch_size",
        "decode_batch_size",
    ]

    /// The first of these columns that is there and filled, in the line or else in its log.
    func text(_ names: String...) -> String? {
        names.lazy.compactMap { own($0) }.first
            ?? names.lazy.compactMap { log?.columns[$0] }.first
    }

    private func own(_ name: String) -> String? {
        guard let place = places[name], !fields[place].isEmpty else { return nil }
        return fields[place]
    }

    /// Family, GPU and engine, unless the table names the group.
    var group: String {
        get throws(MeasuredTableError) {
            text("group")
                ?? [
                    text("model_family", "model_path", "model"), text("system", "gpu"),
                    text("backend", "engine"),
                ].map { $0 ?? "" }.joined(separator: "|")
        }
    }

    /// A whole number; nil where the field is empty.
    func count(_ name: String, in range: ClosedRange<Int>) throws(MeasuredTableError) -> Int? {
        guard let text = text(name) else { return nil }
        // Tables that were written from data frames have 16.0 for 16.
        guard let number = Double(text), let value = Int(exactly: number), range.contains(value)
        else {
            throw .badField(
                line, column: name, found: text,
                expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func milliseconds(_ names: String...) throws(MeasuredTableError) -> Double? {
        for name in names {
            guard let text = text(name) else { continue }
            guard let value = Double(text), value.isFinite, value > 0, value < 1e9 else {
                throw .badField(
                    line, column: name, found: text, expected: "milliseconds above 0 and below 1e9")
            }
            return value
        }
        return nil
    }

    /// A day, behind which a time may stand; nil where the field is empty.
    private func day(_ name: String) throws(MeasuredTableError) -> String? {
        guard let text = text(name) else { return nil }
        let (day, time) = (text.prefix(10), text.dropFirst(10))
        guard let day = CalendarDay(String(day)), time.first.map("T ".contains) ?? true else {
            throw .badField(
                line, column: name, found: text, expected: "a day as year-month-day, 2026-01-31")
        }
        return "\(day)"
    }

    func row() throws(MeasuredTableError) -> Result<MeasuredRow, MeasuredLack> {
        func lacking(_ what: String) -> Result<MeasuredRow, MeasuredLack> {
            let giver =
                log == nil ? "the table gives no" : "neither the log nor anything beside it gives"
            return .failure(MeasuredLack(reason: "\(giver) \(what)"))
        }
        guard !isIncomplete else {
            return .failure(MeasuredLack(reason: "the table marks the row as incomplete"))
        }
        for (first, second) in Self.synonyms {
            guard let one = own(first), let other = own(second),
                Self.plain(one) != Self.plain(other)
            else { continue }
            throw .badField(
                line, column: second, found: other, expected: "\(one), as in \(first), or nothing")
        }
        guard let model = text("model_path", "model") else { return lacking("model") }
        guard let system = text("system", "gpu") else { return lacking("GPU") }
        guard let engine = text("backend", "engine") else { return lacking("engine") }
        guard let input = try count("isl", in: 1...100_000_000),
            let output = try count("osl", in: 1...100_000_000)
        else { return lacking("input and output lengths") }
        guard let layout = try layout() else {
            return lacking(isSplit ? "workers of both pools" : "tp_size")
        }
        guard let concurrency = try concurrency(layout) else { return lacking("concurrency") }
        guard let ttft = try milliseconds("silicon_ttft_ms", "ttft_ms"),
            let tpot = try milliseconds("silicon_tpot_ms", "tpot_ms")
        else { return lacking("TTFT and TPOT") }
        return .success(
            MeasuredRow(
                id: id, line: line, group: try group, namesGroup: text("group") != nil,
                model: model, system: system, engine: engine,
                engineVersion: text("backend_version", "engine_version"),
                day: try day("measured_on"),
                campaign: text("collection"),
                precisions: MeasuredRow.Precisions(
                    model: text("precision"), gemm: text("gemm_quant_mode"),
                    experts: text("moe_quant_mode"),
                    kvCache: text("kv_cache_dtype") ?? log.map { _ in "bf16" }),
                layout: layout,
                load: MeasuredRow.Load(
                    inputTokens: input, outputTokens: output, concurrency: concurrency,
                    recorded: try log?.workload(places: count("concurrency", in: 1...1_000_000))),
                limits: MeasuredRow.Limits(
                    sequences: try count("max_num_seqs", in: 1...65_536),
                    batchedTokens: try count("max_num_batched_tokens", in: 1...100_000_000),
                    balanceSteps: try count("prompt_balance_steps", in: 0...100_000),
                    gatheringSteps: try count("prompt_gathering_steps", in: 0...100_000),
                    poolingSteps: try count("prompt_pooling_steps", in: 0...100_000),
                    poolingShare: try share("prompt_pooling_share"),
                    receiveInterval: try count("receive_interval_steps", in: 1...100_000)),
                measured: MeanLatencies(ttft: ttft, tpot: tpot)))
    }

    private func share(_ name: String) throws(MeasuredTableError) -> Double? {
        guard let text = text(name) else { return nil }
        guard let share = Double(text), share > 0, share <= 1 else {
            throw .badField(
                line, column: name, found: text, expected: "a number above 0 and up to 1")
        }
        return share
    }

    /// Whether the table says so itself.
    var isIncomplete: Bool {
        ["false", "0", "no"].contains(own("complete")?.lowercased())
    }

    /// Whether the row has a pool of workers for each phase.
    private var isSplit: Bool { text("mode")?.lowercased().hasPrefix("disagg") ?? false }

    private func layout() throws(MeasuredTableError) -> MeasuredRow.Layout? {
        switch text("mode")?.lowercased() ?? "agg" {
        case "agg", "aggregated":
            guard let shards = try shards("") else { return nil }
            let replicas = try some("num_workers", upTo: 65_536) ?? 1
            return .aggregated(MeasuredRow.Pool(replicas: replicas, shards: shards))
        case "disagg", "disaggregated":
            guard let prefill = try pool("prefill_"), let decode = try pool("decode_") else {
                return nil
            }
            return .disaggregated(prefill: prefill, decode: decode)
        case let other:
            throw .badField(line, column: "mode", found: other, expected: "agg or disagg")
        }
    }

    private func pool(_ prefix: String) throws(MeasuredTableError) -> MeasuredRow.Pool? {
        guard let replicas = try some(prefix + "num_workers", upTo: 65_536),
            let shards = try shards(prefix)
        else { return nil }
        return MeasuredRow.Pool(replicas: replicas, shards: shards)
    }

    private func shards(_ prefix: String) throws(MeasuredTableError) -> MeasuredRow.Shards? {
        func degree(_ name: String) throws(MeasuredTableError) -> Int {
            try some(prefix + name, upTo: 1024) ?? 1
        }
        guard let tensor = try some(prefix + "tp_size", upTo: 1024) else { return nil }
        let shards = MeasuredRow.Shards(
            tensor: tensor, pipeline: try degree("pp_size"), data: try degree("attention_dp_size"),
            expert: try degree("moe_ep_size"))
        let expertTensor = try degree("moe_tp_size")
        return namesSquares && shards.expert == expertTensor ? shards.notSquared : shards
    }

    /// A count, of which a 0 says, as a blank does, that there is nothing of the kind.
    private func some(_ name: String, upTo most: Int) throws(MeasuredTableError) -> Int? {
        let found = try count(name, in: 0...most)
        return found == 0 ? nil : found
    }

    /// Whether the campaign writes down n times n GPUs where n split attention and have the experts
    /// dealt out over them.
    ///
    /// In public exports of InferenceX a worker of n GPUs with expert parallelism n appears with
    /// `moe_tp_size` and `moe_ep_size` n both, and the product of the two as its width: 45 such rows
    /// have a twin of n GPUs with the same two latencies, and no other rows of theirs have both above 1.
    private var namesSquares: Bool {
        MeasuredRow.isOfPublicScripts(text("collection"))
    }

    /// Requests in flight over the deployment; from those of a rank where only these are told.
    private func concurrency(_ layout: MeasuredRow.Layout) throws(MeasuredTableError) -> Int? {
        let most = 1...1_000_000
        if let stated = try count("concurrency", in: most) { return stated }
        if let log { return log.inFlight }
        switch layout {
        case .aggregated(let pool):
            return try count("batch_size", in: most)
                .map { $0 * pool.shards.data * pool.replicas }
        case .disaggregated(_, let decode):
            return try count("decode_batch_size", in: most)
                .map { $0 * decode.shards.data * decode.replicas }
        }
    }
}

extension MeasuredRow.Shards {
    /// The same over n GPUs where these are n times n, for the n GPUs that experts are dealt out over.
    fileprivate var notSquared: Self {
        guard expert > 1, tensor * data == expert * expert else { return self }
        return tensor.isMultiple(of: expert)
            ? Self(tensor: tensor / expert, pipeline: pipeline, data: data, expert: expert)
            : Self(tensor: tensor, pipeline: pipeline, data: data / expert, expert: expert)
    }
}
