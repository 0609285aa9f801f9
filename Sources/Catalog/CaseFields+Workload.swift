import ServingDomain

/// Keys that describe the load.
extension CaseFields {
    static let tokens = NumberRange.from(1, to: 1e7)
    private static let readings = Workload.LengthReading.allCases.map(\.rawValue)
    private static let otherSource = "required without `template`, `file` and `trace`"

    static let workload: [CaseField] = [
        CaseField(
            "workload", .section,
            "Sessions: laws, or a `template` or `file` with changes to it, or a `trace`."),
        CaseField(
            "workload.template", .word(WorkloadLibrary.names), .none,
            "Workload of the library to start from; the keys below replace its own."),
        CaseField(
            "workload.file", .text, .none,
            "Path of a workload file, relative to this file; keys beside it replace its own."),
        CaseField("workload.trace", .text, .none, "Path of a trace, relative to this file."),
        CaseField(
            "workload.format", .word(TraceFormat.allCases.map(\.rawValue)),
            .derived("auto with a trace"), "Format of the trace."),
        CaseField(
            "workload.rate_per_s", .number(.from(1e-6, to: 1e6)), unit: "sessions/s",
            .derived("that of the trace; required otherwise, except with `closed` arrivals"),
            "Sessions that arrive per second."),
        CaseField(
            "workload.arrivals", .word(ArrivalWord.allCases.map(\.rawValue)),
            .derived("poisson; replay with a trace"), "How sessions follow each other."),
        CaseField(
            "workload.arrival_cv", .number(.from(0.01, to: 100)),
            .derived("required with `gamma` and `weibull`"),
            "Standard deviation of the gaps between arrivals over their mean."),
        CaseField(
            "workload.burst_ratio", .number(.from(1, to: 10_000)),
            .derived("required with `markov_modulated`"),
            "Rate in bursts over that between them; `rate_per_s` is the mean of both."),
        CaseField(
            "workload.burst_share", .number(.from(0.0001, to: 0.9999)),
            .derived("required with `markov_modulated`"), "Share of the time that bursts take."),
        CaseField(
            "workload.burst_s", .number(.positive(to: 1e6)), unit: "s",
            .derived("required with `markov_modulated`"), "Mean length of a burst, exponential."),
        CaseField(
            "workload.rate_profile", .numbers(.from(0, to: 1e6)),
            .derived("required with `profile`"),
            "Rates in equal parts of a cycle, relative to each other; `rate_per_s` is their mean."),
        CaseField(
            "workload.rate_profile_period_s", .number(.positive(to: 1e8)), unit: "s",
            .derived("86400 with `profile`"), "Length of the cycle; a day if not given."),
        CaseField(
            "workload.concurrency", .integer(1...1_000_000), .derived("required with `closed`"),
            "Most sessions under way at once; the next starts when one has ended."),
        CaseField(
            "workload.length_reading", .word(readings), .derived(otherSource),
            "Whether lengths count one round, the whole prompt or the whole session."),
        CaseField(
            "workload.rounds", .law(.from(1, to: 10_000)), .derived(otherSource),
            "Rounds of a session."),
        CaseField(
            "workload.prefill_tokens", .law(tokens), unit: "tokens", .derived(otherSource),
            "Prompt tokens."),
        CaseField(
            "workload.first_prefill_tokens", .law(tokens), unit: "tokens", .none,
            "Prompt tokens of the first round, where they differ; only with `per_round`."),
        CaseField(
            "workload.decode_tokens", .law(tokens), unit: "tokens", .derived(otherSource),
            "Generated tokens."),
        CaseField(
            "workload.environment_delay_s", .law(.from(0, to: 1e6)), unit: "s",
            .derived(otherSource), "Time from the end of a round to the release of the next."),
        CaseField(
            "workload.context_limit_tokens", .law(tokens), unit: "tokens", .none,
            "Longest prompt of a session, drawn once for it; a longer one behind the first is compacted. Only with `per_round`."
        ),
        CaseField(
            "workload.compacted_history_tokens", .law(.from(0, to: 1e7)), unit: "tokens",
            .derived("0 with `context_limit_tokens`"),
            "Tokens of its history with which a compacted prompt begins, at least those of its prefix."
        ),
        CaseField(
            "workload.compacted_new_tokens", .law(tokens), unit: "tokens",
            .derived("required with `context_limit_tokens`"),
            "Tokens of a compacted prompt behind them: a summary and what is new."),
        CaseField(
            "workload.prefix_groups", .integer(1...100_000), .none,
            "Different prompt prefixes that sessions share; each session begins with one of them."),
        CaseField(
            "workload.prefix_tokens", .law(tokens), unit: "tokens",
            .derived("required with `prefix_groups`"),
            "Tokens of a group's prefix; they come before those of the first prompt."),
        CaseField(
            "workload.prefix_popularity",
            .word(Workload.PrefixGroups.Popularity.allCases.map(\.rawValue)),
            .derived("uniform with `prefix_groups`"),
            "How sessions fall to the groups; zipf: group k in proportion to 1 / k."),
        CaseField(
            "workload.fanout", .law(.from(0, to: 1000)), .none,
            "Sessions that a round starts and waits for, drawn for every round."),
        CaseField(
            "workload.fanout_depth", .integer(1...8), .derived("1 with `fanout`"),
            "Generations of sessions that others start."),
    ]
}

/// Names of the laws of arrivals.
enum ArrivalWord: String, CaseIterable {
    case poisson, gamma, weibull
    case markovModulated = "markov_modulated"
    case profile, deterministic, replay, closed

    /// Keys that belong to single laws, with the laws that take them.
    static let parameters: [(key: String, laws: [Self])] = [
        ("arrival_cv", [.gamma, .weibull]),
        ("burst_ratio", [.markovModulated]), ("burst_share", [.markovModulated]),
        ("burst_s", [.markovModulated]),
        ("rate_profile", [.profile]), ("rate_profile_period_s", [.profile]),
    ]
}
