/// How long to go on replicating: until figures are known well enough, or a budget ends.
///
/// Decisions are made at fixed numbers of replications, over all of those up to there in the order
/// of their numbers, so that neither the number of threads nor their speed changes the result.
public struct RunLength: Hashable, Sendable {
    /// A statistic and how well it is to be known.
    public struct Precision: Hashable, Sendable {
        public let statistic: ServingStatistic
        /// Half the width of the 95 % interval over the figure, above 0.
        public let relativeHalfWidth: Double

        public init(_ statistic: ServingStatistic, relativeHalfWidth: Double) {
            self.statistic = statistic
            self.relativeHalfWidth = relativeHalfWidth
        }

        /// Whether the figure over `runs` is known well enough, and without a caution.
        func isReached(_ runs: [SimulationResult]) -> Bool {
            guard let estimate = statistic.estimate(runs) else { return false }
            return estimate.caution == nil && estimate.relativeHalfWidth <= relativeHalfWidth
        }
    }

    /// How well a figure is known in the end.
    public struct Outcome: Hashable, Sendable {
        public let precision: Precision
        /// Nil where there was nothing to measure, and in overload.
        public let estimate: Estimate?
        public let isReached: Bool
    }

    public let precisions: [Precision]
    /// Most replications of one setup.
    public let maxReplications: Int
    /// Simulated rounds of one setup beyond which no further replications are begun; nil for any.
    public let maxRounds: Int?

    public init(_ precisions: [Precision], maxReplications: Int, maxRounds: Int? = nil) {
        self.precisions = precisions
        self.maxReplications = maxReplications
        self.maxRounds = maxRounds
    }

    /// Numbers of replications at which it is decided whether to go on: each half as large again
    /// as the one before it, from `first` to the most.
    package func checkpoints(from first: Int) -> [Int] {
        var points = [min(max(2, first), maxReplications)]
        while let last = points.last, last < maxReplications {
            points.append(min(maxReplications, last + (last + 1) / 2))
        }
        return points
    }

    /// Whether every figure is known well enough from `runs`.
    public func isReached(_ runs: [SimulationResult]) -> Bool {
        precisions.allSatisfy { $0.isReached(runs) }
    }

    /// What became of each wish.
    func outcomes(_ runs: [SimulationResult]) -> [Outcome] {
        let isSteady = !Backlog(runs).isOverloaded
        return precisions.map {
            Outcome(
                precision: $0, estimate: isSteady ? $0.statistic.estimate(runs) : nil,
                isReached: isSteady && $0.isReached(runs))
        }
    }

    /// Whether `runs` of one setup are enough, or more would be of no use or too many rounds.
    func isOver(_ runs: [SimulationResult]) -> Bool {
        // A setup without a steady state gets no more precise.
        if Backlog(runs).isOverloaded { return true }
        if let maxRounds, runs.reduce(0, { $0 + $1.roundCount }) >= maxRounds { return true }
        return isReached(runs)
    }
}
