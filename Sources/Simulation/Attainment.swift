import DiscreteEvents
import ServingDomain

/// SLO attainment: good units over all units offered; refused sessions are misses.
struct Attainment {
    let headline: ServiceLevel.Headline
    /// What is held against the ITL target; nil for what the case asks for.
    var statistic: ServiceLevel.ITLStatistic?

    /// Place of the tenant whose sessions count, among a run's; nil for all sessions.
    var tenant: Int?

    /// Every reading of the targets; those of no session are missing.
    static func all(
        _ runs: [SimulationResult], _ statistic: ServiceLevel.ITLStatistic? = nil,
        tenant: Int? = nil
    ) -> [ServiceLevel.Headline: Estimate] {
        let pairs = ServiceLevel.Headline.allCases.compactMap { headline in
            Attainment(headline: headline, statistic: statistic, tenant: tenant).estimate(runs)
                .map { (headline, $0) }
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    /// Share over all replications, with Wilson's interval over sessions.
    ///
    /// - Returns: nil where no session was offered.
    func estimate(_ runs: [SimulationResult]) -> Estimate? {
        Estimate(
            share: runs.map(total), independent: runs.reduce(0) { $0 + offered($1).sessions },
            caution: Caution.general(runs))
    }

    /// Good units of all units of one replication.
    func total(_ run: SimulationResult) -> ReplicationTotal {
        let (counts, sessions, rounds) = offered(run)
        let place = (statistic ?? run.itlStatistic).place
        let (good, all) =
            switch headline {
            case .sessionStrict: (counts.sessions[place], sessions)
            case .roundJoint: (counts.joint[place], rounds)
            case .ttftOnly: (counts.ttft, rounds)
            case .itlOnly: (counts.itl[place], rounds)
            }
        return ReplicationTotal(amount: Double(good), units: Double(all))
    }

    /// Sessions and rounds that were offered, and how many of them were good.
    private func offered(
        _ run: SimulationResult
    ) -> (good: SimulationResult.GoodCounts, sessions: Int, rounds: Int) {
        guard let tenant else {
            return (run.good, run.sessions, run.roundCount + run.refusedRounds)
        }
        let figures = run.tenants[tenant]
        return (figures.good, figures.sessions, figures.roundCount + figures.refusedRounds)
    }
}

extension Estimate {
    /// A share of good units: the wider of the interval over replications and Wilson's over units
    /// that are taken to be independent, so that unanimous replications do not look certain.
    ///
    /// - Returns: nil where there were no units.
    init?(share totals: [ReplicationTotal], independent units: Int, caution: Caution?) {
        guard let spread = ConfidenceInterval.ratio(of: totals),
            let wilson = ConfidenceInterval.proportion(
                Int((spread.value * Double(units)).rounded()), of: units)
        else { return nil }
        let isOpen = !spread.low.isFinite
        self = Estimate(
            value: spread.value, low: isOpen ? wilson.low : min(spread.low, wilson.low),
            high: isOpen ? wilson.high : max(spread.high, wilson.high), caution: caution
        ).clamped(to: 0...1)
    }
}
