public import ServingDomain

/// A file of explicit costs with what it says of the cluster that they are meant for.
///
/// docs/cost-model.md describes it. Every key is read, and unknown ones are refused.
public struct CostModelFile: Hashable, Sendable {
    /// What the file calls itself; empty where it has no name.
    public let name: String
    /// Step times, with host time where the file states it.
    public let costs: ExplicitCosts
    public let prefillWorkers: Int?
    public let decodeWorkers: Int?
    /// Knobs of the policy `distserve` that the file turns, by key; 0 is no limit.
    public let settings: [String: Double]
    /// Time of every KV transfer; nil where the file does not say.
    public let transfer: Duration?
    /// Rates that the file was made for, in sessions per second.
    public let rates: [Double]
    /// The file itself.
    public let bytes: [UInt8]

    /// Whether the file states host time of its own.
    public var hasOverhead: Bool { costs.overhead != .none }

    private static let keys = [
        "case", "time_unit", "prefill", "decode", "engine_overhead_ms", "kv_transfer_ms",
        "prefill_instances", "decode_instances", "prefill_max_batch", "decode_token_cap",
        "rates_per_s",
    ]

    /// Reads a file, JSON or YAML.
    ///
    /// - Throws: the first thing that is wrong, with line and column.
    public static func read(path: String) throws(CatalogError) -> Self {
        try parse(bytes: FactFolder.read(path), fileName: path)
    }

    /// As `read(path:)`, from memory.
    public static func parse(bytes: [UInt8], fileName: String) throws(CatalogError) -> Self {
        let fields = try Fields(SourceText.tree(bytes: bytes, file: fileName))
        try fields.refuseKeys(except: keys)
        return try Self(fields, bytes)
    }

    private init(_ fields: Fields, _ bytes: [UInt8]) throws(CatalogError) {
        self.bytes = bytes
        name = try fields.text("case", default: "")
        guard try fields.text("time_unit", default: "ms") == "ms" else {
            throw fields.invalid("time_unit", expected: "ms, the only unit of this format")
        }
        let reader = ExplicitCostsReader(fields)
        costs = ExplicitCosts(
            prefill: try reader.prefill(), decode: try reader.decode(),
            overhead: try reader.overhead())
        prefillWorkers = try fields.whole("prefill_instances", in: 1...4096)
        decodeWorkers = try fields.whole("decode_instances", in: 1...4096)
        settings = [
            "prefill_max_batch": try fields.limit("prefill_max_batch", to: 1_000_000),
            "decode_token_cap": try fields.limit("decode_token_cap", to: 1_000_000_000),
        ].compactMapValues { $0 }
        transfer = try fields.milliseconds("kv_transfer_ms")
        rates = try fields.rates("rates_per_s")
        guard (prefillWorkers == nil) == (decodeWorkers == nil) else {
            throw prefillWorkers == nil
                ? fields.missing("prefill_instances", "it beside decode_instances")
                : fields.missing("decode_instances", "it beside prefill_instances")
        }
    }

    /// The instances as workers on one GPU each; nil where the file does not count them.
    public var layout: Deployment? {
        guard let prefillWorkers, let decodeWorkers else { return nil }
        let single = Parallelism(tensor: .one)
        return .disaggregated(
            prefill: [WorkerGroup(parallelism: single, replicas: prefillWorkers)],
            decode: [WorkerGroup(parallelism: single, replicas: decodeWorkers)])
    }
}

extension Fields {
    /// A whole number, or nil where it is absent or null.
    fileprivate func whole(
        _ key: String, in range: ClosedRange<Int>
    ) throws(CatalogError) -> Int? {
        value(key) == nil ? nil : try integer(key, in: range)
    }

    /// A limit from 1, or 0 where it is null; nil where the key is absent.
    fileprivate func limit(_ key: String, to most: Int) throws(CatalogError) -> Double? {
        guard keys.contains(key) else { return nil }
        return Double(try whole(key, in: 1...most) ?? 0)
    }

    fileprivate func milliseconds(_ key: String) throws(CatalogError) -> Duration? {
        guard value(key) != nil else { return nil }
        return .nanoseconds(Int64((try number(key, in: 0...1e6) * 1e6).rounded()))
    }

    fileprivate func rates(_ key: String) throws(CatalogError) -> [Double] {
        guard let value = value(key) else { return [] }
        let rates = value.elements?.map { $0.number ?? -1 } ?? [-1]
        guard rates.allSatisfy({ $0 > 0 }) else {
            throw invalid(key, expected: "a list of rates above 0")
        }
        return rates
    }
}
