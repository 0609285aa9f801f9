public import ServingDomain
public import Simulation

/// What the settings of a policy and an engine are worth on one layout.
public struct Tuning: Sendable {
    /// The values of one setting that were tried, the others as they were at that time.
    public struct Sweep: Sendable {
        public struct Row: Sendable {
            public let value: Double
            /// Nil where the load is not kept up with.
            public let attainment: Double?
            /// The larger of P95 TTFT and P95 ITL over their targets.
            public let pressure: Double
        }

        public let setting: TunedSetting
        public let before: Double
        public let chosen: Double
        /// By increasing value.
        public let rows: [Row]
    }

    /// Two settings on sessions that neither was chosen by.
    public struct Confirmation: Sendable {
        public let before: ServingReport
        public let after: ServingReport
        /// After minus before, paired; none where one of both does not keep up.
        public let differences: [PairedDifference]
        public let replications: Int

        /// Whether attainment is told to be higher, or else a latency to be lower and nothing to be worse;
        /// or it alone keeps up.
        public func isGain(_ headline: ServingStatistic) -> Bool {
            if before.isOverloaded != after.isOverloaded { return before.isOverloaded }
            func told(_ holds: (PairedDifference) -> Bool) -> Bool {
                differences.contains { $0.isSignificant && holds($0) }
            }
            func isBetter(_ difference: PairedDifference) -> Bool {
                (difference.difference.value > 0) == (difference.statistic == headline)
            }
            if told({ $0.statistic == headline && isBetter($0) }) { return true }
            return told(isBetter) && !told { !isBetter($0) }
        }
    }

    public let planningCase: Case
    public let layout: Deployment
    public let sweeps: [Sweep]
    /// Nil where nothing better was found.
    public let confirmation: Confirmation?
    /// The threshold of routers that keep short prompts on decode workers; nil of co-located layouts, and
    /// where the engine does not prefill there.
    public let threshold: (sweep: Sweep, confirmation: Confirmation?)?

    /// Settings that are told to be better than the case's; none where that cannot be told.
    public var changes: [(setting: TunedSetting, from: Double, to: Double)] {
        guard let confirmation,
            confirmation.isGain(.attainment(planningCase.service.headline))
        else { return [] }
        return sweeps.filter { $0.chosen != $0.before }.map { ($0.setting, $0.before, $0.chosen) }
    }
}
