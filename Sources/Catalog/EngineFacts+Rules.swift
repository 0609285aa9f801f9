public import ServingDomain

/// Rules of a connector as its file has them: degrees may depend on the kind of model.
public struct ConnectorRules: Hashable, Sendable {
    private var rules = EngineRules()
    private var latent: EngineRules.DegreePairs?
    private var slidingWindow: EngineRules.DegreePairs?
    private var linear: EngineRules.DegreePairs?

    /// Those for a model.
    public func rules(for model: ModelSpec) -> EngineRules {
        var rules = rules
        var pairs: EngineRules.DegreePairs?
        if case .latent = model.attention { pairs = latent }
        if model.slidingWindow != nil { pairs = slidingWindow ?? pairs }
        if model.linearAttention != nil { pairs = linear ?? pairs }
        if let pairs, let usual = rules.degreePairs {
            rules.degreePairs = .init(
                pairs, setting: usual.setting, source: usual.source, date: usual.date)
        }
        return rules
    }

    init() {}

    init(_ fields: Fields) throws(CatalogError) {
        try fields.refuseKeys(except: ["degree_pairs", "local_prefill", "history_read_back"])
        if let pairs = try fields.section("degree_pairs") {
            let own = ["allowed", "latent_attention", "sliding_window", "linear_attention"]
            try pairs.refuseKeys(except: own + Self.common)
            guard let allowed = try Self.pairs(own[0], pairs) else {
                throw pairs.invalid(own[0], expected: Self.words)
            }
            rules.degreePairs = try Self.rule(allowed, pairs)
            latent = try Self.pairs(own[1], pairs)
            slidingWindow = try Self.pairs(own[2], pairs)
            linear = try Self.pairs(own[3], pairs)
        }
        rules.localPrefill = try Self.permission("local_prefill", fields)
        rules.historyReadBack = try Self.permission("history_read_back", fields)
    }

    private static let common = ["setting", "source", "date"]
    private static let words =
        "one of "
        + EngineRules.DegreePairs.allCases.map(\.rawValue).joined(separator: ", ")

    private static func pairs(
        _ key: String, _ fields: Fields
    ) throws(CatalogError) -> EngineRules.DegreePairs? {
        guard fields.value(key) != nil else { return nil }
        guard let pairs = EngineRules.DegreePairs(rawValue: try fields.text(key)) else {
            throw fields.invalid(key, expected: words)
        }
        return pairs
    }

    fileprivate static func permission(
        _ key: String, _ fields: Fields
    ) throws(CatalogError) -> EngineRules.Rule<Bool>? {
        guard let section = try fields.section(key) else { return nil }
        try section.refuseKeys(except: ["allowed"] + common)
        let word = try section.text("allowed")
        guard ["yes", "no"].contains(word) else {
            throw section.invalid("allowed", expected: "\"yes\" or \"no\", in quotation marks")
        }
        return try rule(word == "yes", section)
    }

    private static func rule<Value>(
        _ value: Value, _ fields: Fields
    ) throws(CatalogError) -> EngineRules.Rule<Value> {
        .init(
            value,
            setting: fields.value("setting") == nil ? nil : try fields.text("setting"),
            source: try fields.text("source"), date: try fields.text("date"))
    }
}

/// Ways to share a model among the GPUs of a worker with which the engine does or does not start, whatever
/// its connector; nil where nobody has said.
struct StartRules: Hashable, Sendable {
    let cutWeightBlocks: EngineRules.Rule<Bool>?
    let partialExperts: EngineRules.Rule<Bool>?

    init(_ fields: Fields) throws(CatalogError) {
        try fields.refuseKeys(except: ["cut_weight_blocks", "partial_expert_parallel"])
        cutWeightBlocks = try ConnectorRules.permission("cut_weight_blocks", fields)
        partialExperts = try ConnectorRules.permission("partial_expert_parallel", fields)
    }
}
