import ServingDomain

extension Law {
    /// A number for a constant, else a section with the distribution.
    var document: DocumentValue {
        switch self {
        case .constant(let value):
            return .decimal(value)
        case .uniform(let low, let high):
            return section(.uniform, [("low", .decimal(low)), ("high", .decimal(high))])
        case .exponential(let mean):
            return section(.exponential, [("mean", .decimal(mean))])
        case .lognormal(let mean, let cv): return section(.lognormal, mean, cv)
        case .gamma(let mean, let cv): return section(.gamma, mean, cv)
        case .weibull(let mean, let cv): return section(.weibull, mean, cv)
        case .negativeBinomial(let mean, let cv): return section(.negativeBinomial, mean, cv)
        case .pareto(let low, let high, let index):
            return section(
                .pareto,
                [("low", .decimal(low)), ("high", .decimal(high)), ("tail_index", .decimal(index))])
        case .geometric(let mean):
            return section(.geometric, [("mean", .decimal(mean))])
        case .empirical(let values):
            return section(.empirical, [("values", decimals(values))])
        case .quantiles(let probabilities, let values):
            return section(
                .quantiles,
                [("probabilities", decimals(probabilities)), ("values", decimals(values))])
        case .mixture(let components):
            return section(.mixture, [("components", .list(components.map(\.document)))])
        }
    }

    private func section(_ shape: LawShape, _ mean: Double, _ cv: Double) -> DocumentValue {
        section(shape, [("mean", .decimal(mean)), ("cv", .decimal(cv))])
    }

    private func decimals(_ values: [Double]) -> DocumentValue {
        .list(values.map(DocumentValue.decimal))
    }

    private func section(_ shape: LawShape, _ values: [(String, DocumentValue)]) -> DocumentValue {
        .mapping(
            [.init("distribution", .text(shape.rawValue))]
                + values.map { DocumentValue.Entry($0.0, $0.1) })
    }
}

extension Law.Component {
    fileprivate var document: DocumentValue {
        let weight = DocumentValue.Entry("weight", .decimal(weight))
        guard case .mapping(let entries) = law.document else {
            return .mapping([
                weight, .init("distribution", .text(LawShape.constant.rawValue)),
                .init("value", law.document),
            ])
        }
        return .mapping([weight] + entries)
    }
}

extension Workload.Synthetic {
    var documentEntries: [DocumentValue.Entry] {
        let first = firstPrefillTokens.map {
            [DocumentValue.Entry("first_prefill_tokens", $0.document)]
        }
        return [
            .init("length_reading", .text(reading.rawValue)),
            .init("rounds", rounds.document),
            .init("prefill_tokens", prefillTokens.document),
        ] + (first ?? []) + [
            .init("decode_tokens", decodeTokens.document),
            .init("environment_delay_s", environmentDelay.document),
        ] + (compaction?.documentEntries ?? []) + (prefixGroups?.documentEntries ?? [])
            + (fanout?.documentEntries ?? [])
    }
}

extension Workload.Compaction {
    fileprivate var documentEntries: [DocumentValue.Entry] {
        [
            .init("context_limit_tokens", limit.document),
            .init("compacted_history_tokens", history.document),
            .init("compacted_new_tokens", newTokens.document),
        ]
    }
}

extension Workload.Fanout {
    fileprivate var documentEntries: [DocumentValue.Entry] {
        [.init("fanout", children.document), .init("fanout_depth", .integer(depth))]
    }
}

extension Workload.Arrivals {
    var documentEntries: [DocumentValue.Entry] {
        let name: [DocumentValue.Entry] = [.init("arrivals", .text(word.rawValue))]
        switch self {
        case .gamma(let cv), .weibull(let cv): return name + [.init("arrival_cv", .decimal(cv))]
        case .markovModulated(let bursts):
            return name + [
                .init("burst_ratio", .decimal(bursts.ratio)),
                .init("burst_share", .decimal(bursts.share)),
                .init("burst_s", .decimal(bursts.duration)),
            ]
        case .profile(let cycle):
            return name + [
                .init("rate_profile", .list(cycle.rates.map(DocumentValue.decimal))),
                .init("rate_profile_period_s", .decimal(cycle.period)),
            ]
        case .poisson, .deterministic, .replay, .closed: return name
        }
    }

    private var word: ArrivalWord {
        switch self {
        case .poisson: .poisson
        case .gamma: .gamma
        case .weibull: .weibull
        case .markovModulated: .markovModulated
        case .profile: .profile
        case .deterministic: .deterministic
        case .replay: .replay
        case .closed: .closed
        }
    }
}

extension Workload.PrefixGroups {
    fileprivate var documentEntries: [DocumentValue.Entry] {
        [
            .init("prefix_groups", .integer(count)), .init("prefix_tokens", tokens.document),
            .init("prefix_popularity", .text(popularity.rawValue)),
        ]
    }
}

extension Bandwidth {
    /// Gigabytes per second.
    var document: DocumentValue { .decimal(bytesPerSecond / 1e9) }
}

extension Rate {
    var document: DocumentValue { .decimal(sessionsPerSecond) }
}

extension Duration {
    /// Whole nanoseconds over the nanoseconds of a unit.
    func document(perUnit nanoseconds: Double) -> DocumentValue {
        .decimal(Double(inNanoseconds) / nanoseconds)
    }
}
