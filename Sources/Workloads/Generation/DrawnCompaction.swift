import DiscreteEvents
import ServingDomain

/// Contexts that are compacted when a prompt would be too long.
struct DrawnCompaction {
    /// One round of a session.
    struct Length {
        var new: Int
        var output: Int
        /// Tokens of its history with which the prompt begins; nil for all of them.
        var kept: Int?
    }

    private let limit: Sampler
    private let history: Sampler
    private let newTokens: Sampler
    private let limits: RandomStream
    private let histories: RandomStream
    private let summaries: RandomStream

    init(_ laws: Workload.Compaction, seed: UInt64) {
        limit = Sampler(laws.limit.distribution)
        history = Sampler(laws.history.distribution)
        newTokens = Sampler(laws.newTokens.distribution)
        limits = RandomStream(seed: seed, named: "context limit")
        histories = RandomStream(seed: seed, named: "compacted history")
        summaries = RandomStream(seed: seed, named: "compacted new tokens")
    }

    /// Replaces the new tokens of every round whose prompt would exceed the limit of its session.
    func shorten(_ lengths: inout [Length], of session: Int, prefix: Int) {
        let most = WholeTokens.rounding(limit.sample(unit: limits.unit(session)))
        var context = 0
        for round in lengths.indices {
            if round > 0, context + lengths[round].new > most {
                let drawn = history.sample(unit: histories.unit(session, round))
                let whole = drawn > 0 ? Int(min(drawn.rounded(), Double(Int32.max))) : 0
                let kept = min(context, max(prefix, whole))
                lengths[round].kept = kept
                lengths[round].new = WholeTokens.rounding(
                    newTokens.sample(unit: summaries.unit(session, round)))
                context = kept
            }
            context += lengths[round].new + lengths[round].output
        }
    }
}
