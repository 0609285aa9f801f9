import ServingDomain

/// Names that a trace gives to prompt prefixes and tools, and what they stand for.
struct TraceVocabulary {
    private(set) var prefixes = SharedPrefixes()
    private(set) var tools = ToolLabels()
    private var segments: [String: Int32] = [:]
    private(set) var tenants = TenantLabels()
    private var labels: [String: Int16] = [:]
    private var tenantLabels: [String: Int16] = [:]

    /// The segment of a named prefix, which is defined where it first appears.
    ///
    /// `tokens` is its length and may be left out once it is known; `predecessor` is what stands before
    /// it, and always the same.
    mutating func prefix(
        _ name: String, tokens: TraceValue?, after predecessor: Int32 = SharedPrefixes.none,
        _ fields: TraceFields
    ) throws(WorkloadError) -> Int32 {
        let length: Int? = if let tokens { try fields.tokens("prefix_tokens", tokens) } else { nil }
        if let segment = segments[name] {
            let known = Int(prefixes.segmentTokens[Int(segment)])
            guard length == nil || length == known else {
                throw fields.bad(
                    "prefix_tokens", tokens, expected: "\(known), as prefix '\(name)' had before")
            }
            guard prefixes.predecessors[Int(segment)] == predecessor else {
                throw fields.bad(
                    "prefix", .other("'\(name)' behind another one"),
                    expected: "a prefix behind the same one as before")
            }
            return segment
        }
        guard let length, length > 0 else {
            throw fields.bad(
                "prefix_tokens", tokens,
                expected: "the tokens of prefix '\(name)', at least 1, where it first appears")
        }
        let segment = prefixes.define(tokens: length, after: predecessor)
        segments[name] = segment
        return segment
    }

    /// The block that follows `predecessor` in prompts.
    mutating func defineBlock(tokens: Int, after predecessor: Int32) -> Int32 {
        prefixes.define(tokens: tokens, after: predecessor)
    }

    /// The label of a named tenant; no name is no label.
    mutating func tenant(_ name: String, _ fields: TraceFields) throws(WorkloadError) -> Int16 {
        guard !name.isEmpty else { return TenantLabels.none }
        if let known = tenantLabels[name] { return known }
        guard TenantLabels.isName(name) else {
            throw fields.bad(
                "tenant", .other("a name of \(name.utf8.count) bytes"),
                expected: "1 to 200 bytes without control characters")
        }
        guard let label = tenants.add(name) else {
            throw fields.bad(
                "tenant", .other("another name"),
                expected: "at most \(TenantLabels.most) tenants")
        }
        tenantLabels[name] = label
        return label
    }

    /// The label of a named tool; no name is no label.
    mutating func tool(_ name: String, _ fields: TraceFields) throws(WorkloadError) -> Int16 {
        guard !name.isEmpty else { return ToolLabels.none }
        if let known = labels[name] { return known }
        guard let label = tools.add(name) else {
            throw fields.bad(
                "tool", .other("another name"), expected: "at most \(Int16.max) different tools")
        }
        labels[name] = label
        return label
    }
}
