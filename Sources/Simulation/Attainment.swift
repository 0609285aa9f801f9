import DiscreteEvents
import ServingDomain

/// SLO attainment: good units over all units offered; refused sessions are misses.
struct Attainment {
    let headline: ServiceLevel.Headline

    /// Share over all replications; the interval is the wider of the one over replications and
    /// Wilson's over independent sessions, so that unanimous replications do not look certain.
    ///
    /// - Returns: nil where no session was offered.
    func estimate(_ runs: [SimulationResult]) -> Estimate? {
        let sessions = runs.reduce(0) { $0 + $1.sessions }
        guard let spread = ConfidenceInterval.ratio(of: runs.map(total)),
            let wilson = ConfidenceInterval.proportion(
                Int((spread.value * Double(sessions)).rounded()), of: sessions)
        else { return nil }
        let isOpen = !spread.low.isFinite
        return Estimate(
            value: spread.value, low: isOpen ? wilson.low : min(spread.low, wilson.low),
            high: isOpen ? wilson.high : max(spread.high, wilson.high)
        ).clamped(to: 0...1)
    }

    /// Good units of all units of one replication.
    func total(_ run: SimulationResult) -> ReplicationTotal {
        let rounds = run.roundCount + run.refusedRounds
        let (good, all) =
            switch headline {
            case .sessionStrict: (run.good.sessions, run.sessions)
            case .roundJoint: (run.good.joint, rounds)
            case .ttftOnly: (run.good.ttft, rounds)
            case .itlOnly: (run.good.itl, rounds)
            }
        return ReplicationTotal(amount: Double(good), units: Double(all))
    }
}
