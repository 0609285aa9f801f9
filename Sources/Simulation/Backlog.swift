import DiscreteEvents

/// Whether what arrives is served, told from how the number of waiting rounds grows.
package struct Backlog {
    /// Growth over the rounds released, with its interval over replications.
    let growth: Estimate
    /// Rounds by which the backlog of one run grew, on the average.
    let rounds: Double

    /// Growth beyond which there is no steady state: load about 1.01.
    static let steadyGrowth = 0.01

    /// - Precondition: `runs` is not empty.
    package init(_ runs: [SimulationResult]) {
        self.init(growths: runs.map(\.backlogGrowth), rounds: runs.map(\.backlogRounds))
    }

    /// - Parameters:
    ///   - growths: growth in each run over the rounds released there; not empty.
    ///   - rounds: the same growth as numbers of rounds.
    init(growths: [Double], rounds: [Double]) {
        // Slopes of queues are not skewed: Student's t as it is.
        let spread = ConfidenceInterval.mean(of: growths)
        growth = Estimate(
            value: spread?.value ?? 0, low: spread?.low ?? -.infinity,
            high: spread?.high ?? .infinity)
        self.rounds = rounds.reduce(0, +) / Double(rounds.count)
    }

    /// Growth that has to be exceeded: at least ten rounds in a run.
    var limit: Double {
        guard rounds > 0, growth.value > 0 else { return Self.steadyGrowth }
        return max(Self.steadyGrowth, growth.value * 10 / rounds)
    }

    /// Whether more arrives than is served, so that latencies grow for as long as one looks.
    ///
    /// The line through the backlog grows by more than `steadyGrowth`, by at least ten rounds in a run, and by more
    /// than the spread between runs explains. One replication must show five times the growth.
    package var isOverloaded: Bool {
        let isCertain =
            growth.low.isFinite
            ? growth.low > Self.steadyGrowth : growth.value > 5 * Self.steadyGrowth
        return isCertain && rounds >= 10
    }
}
