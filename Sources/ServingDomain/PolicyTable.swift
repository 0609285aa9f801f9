/// What was found of later rounds prefilled remotely and where they decode, by class and rate.
public struct PolicyTable: Hashable, Sendable {
    /// Mean latencies of one way to prefill, in nanoseconds.
    public struct Latencies: Hashable, Sendable {
        public let ttft: Double
        public let tpot: Double

        public init(ttft: Double, tpot: Double) {
            self.ttft = ttft
            self.tpot = tpot
        }
    }

    public struct Entry: Hashable, Sendable {
        public let context: ContextClass
        public let shape: RoundShape
        /// Rounds released per second and serving worker.
        public let rate: Double
        public let remote: Latencies
        public let local: Latencies

        public init(
            context: ContextClass, shape: RoundShape, rate: Double, remote: Latencies,
            local: Latencies
        ) {
            self.context = context
            self.shape = shape
            self.rate = rate
            self.remote = remote
            self.local = local
        }

        /// What speaks for local prefill; positive where it is the better choice.
        ///
        /// Weighted share of TTFT that it saves, less the weighted share of TPOT that it costs; a
        /// share of nothing is 0.
        public func localAdvantage(ttftWeight: Double, tpotWeight: Double) -> Double {
            let saved = remote.ttft > 0 ? (remote.ttft - local.ttft) / remote.ttft : 0
            let lost = remote.tpot > 0 ? (local.tpot - remote.tpot) / remote.tpot : 0
            return ttftWeight * saved - tpotWeight * lost
        }
    }

    /// The cluster that was looked at, as a layout.
    public let layout: String
    /// Where the figures come from: tool, model, hardware.
    public let source: String
    public let entries: [Entry]

    public init(layout: String, source: String, entries: [Entry]) {
        self.layout = layout
        self.source = source
        self.entries = entries
    }
}
