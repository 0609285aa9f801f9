/// The compiled costs of one worker, evaluated where they lie: copying them takes longer than looking
/// one time up.
@usableFromInline
final class WorkerCurves: Sendable {
    let prefill: PhaseCosts
    let decode: PhaseCosts
    let beside: AttentionBeside

    init(_ prefill: PhaseCosts, _ decode: PhaseCosts, _ beside: AttentionBeside) {
        (self.prefill, self.decode, self.beside) = (prefill, decode, beside)
    }

    /// Nanoseconds that the GPU computes for parts of prompts more than for `others`, tokens of
    /// sequences that are in the step anyway; whatever a hidden host does meanwhile.
    ///
    /// - Precondition: `sequences` is not empty.
    @inlinable
    func computing(
        _ sequences: some Collection<(history: Int, increment: Int)>, beside others: Int = 0
    ) -> Double {
        let tokens = sequences.reduce(0) { $0 + $1.increment }
        let all = ofAll(tokens: tokens, sequences: sequences.count, beside: others)
        return bounded(sequences.reduce(all) { ofSequence($1, $0) })
    }

    @usableFromInline
    func ofAll(tokens: Int, sequences: Int, beside others: Int) -> Double {
        prefill.ofAll(tokens: tokens, sequences: sequences, beside: others)
    }

    @usableFromInline
    func ofSequence(_ sequence: (history: Int, increment: Int), _ sum: Double) -> Double {
        prefill.ofSequence(tokens: sequence.increment, cached: sequence.history, sum)
    }

    @usableFromInline
    func bounded(_ time: Double) -> Double { prefill.bounded(time) }

    /// A prefill step of so many sequences takes as long as the host where that is longer.
    @usableFromInline
    func notBelowHost(_ time: Double, sequences: Int) -> Double {
        prefill.notBelowHost(time, sequences: sequences)
    }
}
