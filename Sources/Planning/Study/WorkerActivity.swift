public import Simulation

/// How busy each worker is over the time of one replication.
public struct WorkerActivity: Hashable, Sendable {
    public struct Row: Hashable, Sendable {
        public let worker: Tape.Worker
        /// Busy share of each stretch of time, from 0 to 1.
        public let shares: [Double]
        /// Busy share of the whole time.
        public let mean: Double
    }

    /// Prefill workers, then serving workers.
    public let rows: [Row]
    /// Length of a stretch in nanoseconds.
    public let stretch: Double
    /// Arrivals of the first and last measured session, in nanoseconds; nil without one.
    public let measured: ClosedRange<Double>?
    /// Whether the tape was full before the run ended, so that the time behind is not shown.
    public let isCut: Bool

    /// Stretches that the time is cut into.
    public static let stretches = 48
}

extension WorkerActivity {
    /// What a tape with every session of a run says.
    public init(_ tape: Tape) {
        let end = Double(max(1, tape.filledAt ?? tape.end))
        let stretch = end / Double(Self.stretches)
        var busy = tape.workers.map { _ in [Double](repeating: 0, count: Self.stretches) }
        for step in tape.steps {
            Self.add(step.span, to: &busy[Int(step.worker)], stretch)
        }
        rows = zip(tape.workers, busy).map { worker, shares in
            Row(
                worker: worker, shares: shares.map { min(1, $0) },
                mean: min(1, shares.reduce(0, +) / Double(Self.stretches)))
        }
        let arrivals = tape.sessions.filter(\.isMeasured).map { Double($0.span.start) }
        measured = arrivals.min().flatMap { first in arrivals.max().map { first...$0 } }
        (self.stretch, isCut) = (stretch, tape.filledAt != nil)
    }

    /// Adds the share of each stretch that a step takes.
    private static func add(_ span: Tape.Span, to shares: inout [Double], _ stretch: Double) {
        let (start, end) = (Double(span.start), Double(span.end))
        var place = Int(start / stretch)
        while place < stretches, Double(place) * stretch < end {
            let (low, high) = (Double(place) * stretch, Double(place + 1) * stretch)
            shares[place] += max(0, min(end, high) - max(start, low)) / stretch
            place += 1
        }
    }
}
