import DiscreteEvents
package import ServingDomain

/// What a selection among many setups keeps of one run, in place of its histograms.
package struct RunDigest: Hashable, Sendable {
    /// Units of the headline that missed their targets; at least so many where the run was given up.
    package let missed: Int
    /// Rounds that filled the cluster and missed theirs, where misses were counted.
    package let missedFilling: Int
    /// Units that were offered; nil where the run was given up.
    package let units: Int?
    /// Sessions that were offered.
    let sessions: Int
    /// The larger of P95 TTFT and P95 ITL over their targets; nil where the run was given up.
    package let pressure: Double?
    let backlogGrowth: Double
    let backlogRounds: Double

    package var isGivenUp: Bool { units == nil }

    /// - Parameters:
    ///   - run: the whole result.
    ///   - service: the targets that it was held against.
    ///   - bound: misses beyond which it was given up.
    package init(
        _ run: SimulationResult, _ service: ServiceLevel, within bound: MissBound = .none
    ) {
        missedFilling = run.misses.filling
        backlogGrowth = run.backlogGrowth
        backlogRounds = run.backlogRounds
        sessions = run.sessions
        guard !run.isGivenUp else {
            // Who misses too much from an empty cluster on misses at least as much in a full one.
            (missed, units, pressure) = (bound.measured, nil, nil)
            return
        }
        let total = Attainment(headline: service.headline).total(run)
        missed = Int(total.units - total.amount)
        units = Int(total.units)
        let ratios = [(run.ttft, service.ttft), (run.gaps, service.itl)].map { histogram, target in
            Estimate.p95([histogram]).value / (target.inSeconds * 1e9)
        }
        pressure = ratios.max()
    }

    init(
        missed: Int, units: Int?, sessions: Int, pressure: Double? = nil,
        backlogGrowth: Double = 0, backlogRounds: Double = 0
    ) {
        (self.missed, self.units, self.pressure) = (missed, units, pressure)
        self.sessions = sessions
        missedFilling = 0
        (self.backlogGrowth, self.backlogRounds) = (backlogGrowth, backlogRounds)
    }
}

/// Digests of one setup's replications, in order of their numbers from 0.
package struct DigestedRuns: Hashable, Sendable {
    package private(set) var runs: [RunDigest] = []

    package init(_ runs: [RunDigest] = []) { self.runs = runs }

    package mutating func append(_ run: RunDigest) { runs.append(run) }

    package var count: Int { runs.count }

    /// Whether a run was given up, so that this one is out.
    package var isGivenUp: Bool { runs.contains(where: \.isGivenUp) }

    /// Whether more arrives than is served; never where a run was given up, which did not see enough.
    package var isOverloaded: Bool {
        guard !runs.isEmpty, !isGivenUp else { return false }
        return Backlog(
            growths: runs.map(\.backlogGrowth), rounds: runs.map(\.backlogRounds)
        ).isOverloaded
    }

    /// Share of units that met their targets; nil where a run was given up, or there was no unit.
    package var attainment: Double? {
        let units = runs.reduce(0) { $0 + ($1.units ?? 0) }
        guard !isGivenUp, units > 0 else { return nil }
        return 1 - Double(runs.reduce(0) { $0 + $1.missed }) / Double(units)
    }

    /// Units that a session has on the average, at least 1.
    var unitsOfSession: Double {
        let units = runs.reduce(0) { $0 + ($1.units ?? 0) }
        return max(1, Double(units) / Double(max(1, runs.reduce(0) { $0 + $1.sessions })))
    }

    /// Mean over the runs of the worse P95 over its target.
    package var pressure: Double {
        runs.reduce(0) { $0 + ($1.pressure ?? .infinity) } / Double(max(1, runs.count))
    }
}
