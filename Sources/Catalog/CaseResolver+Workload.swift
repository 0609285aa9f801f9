import ServingDomain

/// The load: laws, a template or a trace.
extension CaseResolver {
    private static let lawKeys = [
        "length_reading", "rounds", "prefill_tokens", "first_prefill_tokens", "decode_tokens",
        "environment_delay_s", "prefix_groups", "prefix_tokens", "prefix_popularity",
        "fanout", "fanout_depth", "context_limit_tokens", "compacted_history_tokens",
        "compacted_new_tokens",
    ]

    mutating func workload() throws(CatalogError) -> CaseDraft.Load {
        if let trace = values.text("workload.trace") { return try traceLoad(trace) }
        guard !values.has("workload.format") else {
            throw values.invalid("workload.format", expected: "absent without `trace`")
        }
        guard let rate = isClosed ? .unlimited : rate() else {
            throw values.missing("workload.rate_per_s", "the sessions that arrive per second")
        }
        var sessions = try checked(sessions())
        sessions.prefixGroups = try prefixGroups() ?? sessions.prefixGroups
        sessions.fanout = try fanout() ?? sessions.fanout
        sessions.compaction = try compaction(sessions.reading, of: sessions.compaction)
        return .synthetic(sessions, rate: rate)
    }

    private mutating func sessions() throws(CatalogError) -> Workload.Synthetic {
        guard let template = values.text("workload.template") else { return try synthetic() }
        guard let file = WorkloadLibrary.named(template) else {
            throw values.invalid("workload.template", expected: "a workload of the library")
        }
        return adapted(file)
    }

    private func rate() -> Rate? {
        values.number("workload.rate_per_s").map(Rate.init(sessionsPerSecond:))
    }

    private mutating func traceLoad(_ trace: String) throws(CatalogError) -> CaseDraft.Load {
        for key in ["template"] + Self.lawKeys where values.has("workload." + key) {
            throw values.invalid("workload." + key, expected: "absent next to `trace`")
        }
        let format = text(
            "workload.format", default: TraceFormat.auto.rawValue,
            source: "recognised by the first line")
        let path = CasePath.join(folder, trace)
        return .trace(
            CaseDraft.FileReference(written: trace, path: path),
            format: TraceFormat(rawValue: format) ?? .auto, rate: rate())
    }

    private func synthetic() throws(CatalogError) -> Workload.Synthetic {
        guard let reading = reading() else {
            throw values.missing(
                "workload.length_reading",
                "\(CaseFields.field("workload.length_reading")?.kind ?? .text)")
        }
        return Workload.Synthetic(
            rounds: try law("rounds"), reading: reading, prefillTokens: try law("prefill_tokens"),
            firstPrefillTokens: values.law("workload.first_prefill_tokens"),
            decodeTokens: try law("decode_tokens"),
            environmentDelay: try law("environment_delay_s"))
    }

    private var isClosed: Bool { values.text("workload.arrivals") == ArrivalWord.closed.rawValue }

    private mutating func prefixGroups() throws(CatalogError) -> Workload.PrefixGroups? {
        guard let count = values.integer("workload.prefix_groups") else {
            for key in ["workload.prefix_tokens", "workload.prefix_popularity"]
            where values.has(key) {
                throw values.invalid(key, expected: "absent without `prefix_groups`")
            }
            return nil
        }
        guard let tokens = values.law("workload.prefix_tokens") else {
            throw values.missing(
                "workload.prefix_tokens", "the tokens of a prefix: a number or a distribution")
        }
        let usual = Workload.PrefixGroups.Popularity.uniform
        let word = text(
            "workload.prefix_popularity", default: usual.rawValue, source: "our default")
        return Workload.PrefixGroups(
            count: count, tokens: tokens,
            popularity: Workload.PrefixGroups.Popularity(rawValue: word) ?? usual)
    }

    /// The limits of contexts, of which single keys may replace those of a template.
    private mutating func compaction(
        _ reading: Workload.LengthReading, of template: Workload.Compaction?
    ) throws(CatalogError) -> Workload.Compaction? {
        guard let limit = values.law("workload.context_limit_tokens") ?? template?.limit else {
            for key in ["workload.compacted_history_tokens", "workload.compacted_new_tokens"]
            where values.has(key) {
                throw values.invalid(key, expected: "absent without `context_limit_tokens`")
            }
            return nil
        }
        guard reading == .perRound else {
            throw values.invalid(
                "workload.context_limit_tokens",
                expected: "absent unless length_reading is per_round")
        }
        guard let new = values.law("workload.compacted_new_tokens") ?? template?.newTokens else {
            throw values.missing(
                "workload.compacted_new_tokens",
                "the tokens of a compacted prompt behind its history: a number or a distribution")
        }
        let history =
            values.law("workload.compacted_history_tokens") ?? template?.history
            ?? assume(
                "workload.compacted_history_tokens", .constant(0), .integer(0), "our default")
        return Workload.Compaction(limit: limit, history: history, newTokens: new)
    }

    private mutating func fanout() throws(CatalogError) -> Workload.Fanout? {
        guard let children = values.law("workload.fanout") else {
            guard !values.has("workload.fanout_depth") else {
                throw values.invalid("workload.fanout_depth", expected: "absent without `fanout`")
            }
            return nil
        }
        return Workload.Fanout(
            children: children,
            depth: integer("workload.fanout_depth", default: 1, source: "our default"))
    }

    private func reading() -> Workload.LengthReading? {
        values.text("workload.length_reading").flatMap(Workload.LengthReading.init(rawValue:))
    }

    private func law(_ key: String) throws(CatalogError) -> Law {
        guard let law = values.law("workload." + key) else {
            throw values.missing(
                "workload." + key,
                "a number or a distribution, or a `template`, a `file` or a `trace`")
        }
        return law
    }

    /// The template with the given keys in place of its own.
    private mutating func adapted(_ template: WorkloadFile) -> Workload.Synthetic {
        var sessions = template.sessions
        let source = "template \(template.name): \(template.source)"
        if !values.has("workload.length_reading") {
            _ = assume(
                "workload.length_reading", sessions.reading, .text(sessions.reading.rawValue),
                source)
        }
        sessions.rounds = law("rounds", sessions.rounds, source)
        sessions.prefillTokens = law("prefill_tokens", sessions.prefillTokens, source)
        sessions.decodeTokens = law("decode_tokens", sessions.decodeTokens, source)
        sessions.environmentDelay = law("environment_delay_s", sessions.environmentDelay, source)
        if let compaction = sessions.compaction, reading() ?? sessions.reading == .perRound {
            sessions.compaction = Workload.Compaction(
                limit: law("context_limit_tokens", compaction.limit, source),
                history: law("compacted_history_tokens", compaction.history, source),
                newTokens: law("compacted_new_tokens", compaction.newTokens, source))
        }
        if let reading = reading() {
            sessions.reading = reading
            if reading != .perRound {
                sessions.firstPrefillTokens = nil
                sessions.compaction = nil
            }
        }
        if values.has("workload.first_prefill_tokens") {
            sessions.firstPrefillTokens = values.law("workload.first_prefill_tokens")
        } else if let first = sessions.firstPrefillTokens {
            sessions.firstPrefillTokens = law("first_prefill_tokens", first, source)
        }
        return sessions
    }

    private mutating func law(_ key: String, _ usual: Law, _ source: String) -> Law {
        let path = "workload." + key
        return values.law(path) ?? assume(path, usual, .list([usual.document]), source)
    }

    private func checked(
        _ sessions: Workload.Synthetic
    ) throws(CatalogError) -> Workload.Synthetic {
        guard sessions.firstPrefillTokens == nil || sessions.reading == .perRound else {
            throw values.invalid(
                "workload.first_prefill_tokens",
                expected: "absent unless length_reading is per_round")
        }
        return sessions
    }
}
