public import ServingDomain

/// How the fewest GPUs or dollars or the highest rate were looked for.
public struct SearchOutcome: Hashable, Sendable {
    /// One budget and rate with what its best layout does.
    public struct Step: Hashable, Sendable {
        /// Most GPUs of a layout.
        public let budget: GPUs
        /// Most US dollars an hour; nil where GPUs or a rate are looked for.
        public let usdPerHour: Double?
        public let rate: Rate
        /// Of the layout that is recommended there.
        public let layout: Deployment
        public let verdict: Verdict
        /// Measured sessions of each run that decided; ten times the case's near the edge.
        public let sessions: Int
    }

    /// In the order in which they were tried.
    public let steps: [Step]
    /// The budget that was found; that of the case where the rate was looked for, or none is enough.
    public let budget: GPUs
    /// The dollars an hour that were found to be enough; nil where GPUs or a rate were looked for.
    public let usdPerHour: Double?
    /// The rate that was found; that of the case where GPUs were looked for, and the lowest one tried
    /// where none is low enough.
    public let rate: Rate
    /// Whether a layout meets every target there.
    public let isFound: Bool
}
