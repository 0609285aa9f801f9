/// Steps that the data-parallel ranks of an engine take together.
///
/// Each rank computes attention and dense layers for its own tokens; routed experts, and what ranks
/// send each other around them, take the tokens of all. The step lasts as long as the slowest rank's own
/// part and the common part together.
extension WorkerCosts {
    /// Nanoseconds of what ranks compute together in a step with so many decoding sequences and so many
    /// prompt tokens beside them; 0 where there is nothing of the kind.
    ///
    /// With the sequences and tokens of one rank it is what the costs of that rank alone hold of it.
    public func sharedTime(batch: Int, promptTokens: Int) -> Double {
        let decoding = batch > 0 ? curves.decode.shared?(Double(batch)) ?? 0 : 0
        guard promptTokens > 0, let prompts = curves.prefill.shared else { return decoding }
        return decoding + prompts(Double(promptTokens + batch))
            - (batch > 0 ? prompts(Double(batch)) : 0)
    }

    /// Nanoseconds of one step in which the ranks of a prefill worker compute these sequences, each on
    /// the rank that has least to do.
    ///
    /// - Precondition: `sequences` is not empty, and `ranks` is positive.
    public func prefillTime(
        of sequences: some Collection<(history: Int, increment: Int)>, ranks: Int
    ) -> Double {
        guard ranks > 1, sequences.count > 1 else { return prefillTime(of: sequences) }
        var shares = Array(
            repeating: [(history: Int, increment: Int)](), count: min(ranks, sequences.count))
        var loads = Array(repeating: 0, count: shares.count)
        let longestFirst = sequences.sorted {
            ($0.increment, $0.history) > ($1.increment, $1.history)
        }
        for sequence in longestFirst {
            let least = loads.indices.min { loads[$0] < loads[$1] } ?? 0
            shares[least].append(sequence)
            loads[least] += sequence.increment
        }
        let own = shares.indices.map { rank in
            prefillTime(of: shares[rank]) - sharedTime(batch: 0, promptTokens: loads[rank])
        }
        return max(0, own.max() ?? 0)
            + sharedTime(batch: 0, promptTokens: loads.reduce(0, +))
    }
}
