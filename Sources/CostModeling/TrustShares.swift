public import ServingDomain

/// How much of a step's time is known how well.
public struct TrustShares: Hashable, Sendable {
    /// Share of the time by trust; they add up to 1, or there are none.
    public let shares: [Trust: Double]

    /// The weakest trust that, with everything weaker, holds at least a tenth of the time.
    ///
    /// Norms and additions, which few tables time and which take a few per cent, thus do not make
    /// a measured profile an analytic one; `shares` tells how much they are.
    public var headline: Trust {
        var sum = 0.0
        for trust in Trust.weakestFirst {
            sum += shares[trust] ?? 0
            if sum >= 0.1 { return trust }
        }
        return .given
    }

    /// Over a typical prefill step (2,048 tokens) and decode step (32 sequences of 2,048 tokens)
    /// of every kind of worker, each counted alike.
    init(_ workers: [[StepComponent]]) {
        let steps = workers.filter { !$0.isEmpty }.flatMap { parts -> [TrustShares] in
            [
                TrustShares(parts.filter { $0.phase == .prefill }, tokens: 2048, cached: 0),
                TrustShares(parts.filter { $0.phase == .decode }, tokens: 32, cached: 2048),
            ]
        }
        var mean: [Trust: Double] = [:]
        for step in steps {
            for (trust, share) in step.shares { mean[trust, default: 0] += share }
        }
        shares = mean.mapValues { $0 / Double(steps.count) }
    }

    /// Of one step of one phase.
    init(_ parts: [StepComponent], tokens: Int, cached: Int) {
        var times: [Trust: Double] = [:]
        for part in parts {
            times[part.trust, default: 0] += part.time(tokens: tokens, cached: cached)
        }
        let total = Trust.weakestFirst.reduce(0) { $0 + (times[$1] ?? 0) }
        shares = total > 0 ? times.mapValues { $0 / total } : [:]
    }
}
