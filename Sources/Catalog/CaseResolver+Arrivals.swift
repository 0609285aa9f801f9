import ServingDomain

/// How sessions follow each other.
extension CaseResolver {
    /// The law of the arrivals, whose other keys belong to single laws.
    mutating func arrivals(_ load: CaseDraft.Load) throws(CatalogError) -> Workload.Arrivals {
        let law = try arrivalLaw(load)
        for (key, laws) in ArrivalWord.parameters
        where !laws.contains(law) && values.has("workload." + key) {
            let names = laws.map { "`arrivals: \($0.rawValue)`" }.joined(separator: " or ")
            throw values.invalid("workload." + key, expected: "absent without \(names)")
        }
        if law == .closed, values.has("workload.rate_per_s") {
            throw values.invalid(
                "workload.rate_per_s",
                expected: "absent in a closed loop; for a limit on sessions at once choose another"
                    + " law of arrivals beside `concurrency`")
        }
        switch law {
        case .poisson: return .poisson
        case .deterministic: return .deterministic
        case .replay: return .replay
        case .gamma: return .gamma(cv: try gapVariation())
        case .weibull: return .weibull(cv: try gapVariation())
        case .markovModulated: return .markovModulated(try bursts())
        case .profile: return .profile(try rateCycle())
        case .closed:
            guard values.has("workload.concurrency") else {
                throw values.missing("workload.concurrency", "the sessions under way at once")
            }
            return .closed
        }
    }

    private mutating func arrivalLaw(_ load: CaseDraft.Load) throws(CatalogError) -> ArrivalWord {
        guard case .trace = load else {
            let word = text(
                "workload.arrivals", default: ArrivalWord.poisson.rawValue,
                source: "independent sessions, as in AMPD's evaluation")
            guard word != ArrivalWord.replay.rawValue else {
                throw values.invalid("workload.arrivals", expected: "another law without `trace`")
            }
            return ArrivalWord(rawValue: word) ?? .poisson
        }
        let word = text(
            "workload.arrivals", default: ArrivalWord.replay.rawValue, source: "those of the trace")
        return ArrivalWord(rawValue: word) ?? .replay
    }

    private func gapVariation() throws(CatalogError) -> Double {
        try parameter("arrival_cv", "the gaps' standard deviation over their mean")
    }

    private func bursts() throws(CatalogError) -> Workload.Bursts {
        Workload.Bursts(
            ratio: try parameter("burst_ratio", "the rate in bursts over that between them"),
            share: try parameter("burst_share", "the share of the time that bursts take"),
            duration: try parameter("burst_s", "the mean length of a burst in seconds"))
    }

    private func parameter(_ key: String, _ meaning: String) throws(CatalogError) -> Double {
        guard let value = values.number("workload." + key) else {
            throw values.missing("workload." + key, meaning)
        }
        return value
    }

    private mutating func rateCycle() throws(CatalogError) -> Workload.RateCycle {
        guard let rates = values.numbers("workload.rate_profile") else {
            throw values.missing("workload.rate_profile", "a list of relative rates")
        }
        guard rates.contains(where: { $0 > 0 }) else {
            throw values.invalid("workload.rate_profile", expected: "a rate above 0 among them")
        }
        return Workload.RateCycle(
            rates: rates,
            period: number("workload.rate_profile_period_s", default: 86_400, source: "a day"))
    }
}
