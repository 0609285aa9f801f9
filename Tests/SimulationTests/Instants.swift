import Simulation

/// When a round was released, its prefill began and ended, and its first and last token came, in
/// nanoseconds from the start of a run.
struct Instants: Equatable, CustomStringConvertible {
    let released: Int64
    let started: Int64
    let computed: Int64
    let first: Int64
    let last: Int64

    init(_ released: Int64, _ started: Int64, _ computed: Int64, _ first: Int64, _ last: Int64) {
        (self.released, self.started, self.computed) = (released, started, computed)
        (self.first, self.last) = (first, last)
    }

    init(_ round: RoundOutcome) {
        self.init(
            round.released, round.prefillStarted, round.prefillEnded,
            round.released + round.ttft, round.released + round.ttft + round.decodeTime)
    }

    var description: String { "(\(released), \(started), \(computed), \(first), \(last))" }
}

extension SimulationResult {
    /// Every round's instants, by session and round.
    var timeline: [Instants] {
        rounds.sorted { ($0.session, $0.round) < ($1.session, $1.round) }.map(Instants.init)
    }
}
