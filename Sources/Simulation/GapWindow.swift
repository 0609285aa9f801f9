import CostModeling
import DiscreteEvents

/// The gaps between tokens of one worker in the last seconds, by runs of steps.
///
/// A window that ends at t holds the gaps that ended in (t - window, t].
struct GapWindow: ~Copyable {
    struct Total {
        var ticks: Int128 = 0
        var count = 0
    }

    /// A run with what its steps mean for the gaps.
    struct Entry {
        var run: StepRun
        /// Sequences whose previous token came with the step before the run.
        let continuing: Int
        /// Ticks between that step and the start of the run.
        let stall: Int128
        /// Gaps of sequences that got their previous token elsewhere: they end with the first step.
        let joined: Total
        /// Sequences that have a gap in every step after the first.
        let sequences: Int
        /// Everything before this run.
        var before = Total()

        /// No step at all.
        static let none = Self(
            run: StepRun(start: 0, first: 0, growth: 0, steps: 0, isFitted: true), continuing: 0,
            stall: 0, joined: Total(), sequences: 0)

        /// Gaps of the first `steps` steps.
        // Inlined, as what follows: an entry that is handed over is copied first.
        @inline(__always)
        func gaps(_ steps: Int) -> Total {
            guard steps > 0 else { return Total() }
            let opening =
                Ticks.wide(Int64(continuing)) * (Ticks.wide(run.first) + stall) + joined.ticks
            let others =
                Ticks.wide(Int64(sequences)) * (run.duration(steps) - Ticks.wide(run.first))
            return Total(
                ticks: opening + others,
                count: continuing + joined.count + sequences * (steps - 1))
        }

        /// Gaps of everything before the run and of its first `steps` steps.
        @inline(__always)
        func through(_ steps: Int) -> Total {
            let own = gaps(steps)
            return Total(ticks: before.ticks + own.ticks, count: before.count + own.count)
        }
    }

    private let window: Int64
    private let horizon: Int64
    private var entries = Slab<Entry>()
    /// Start of each entry: what is searched stays close together.
    private var starts = Slab<SimulatedTime>()
    private var first = 0

    init(window: Int64, horizon: Int64) {
        self.window = window
        self.horizon = horizon
    }

    mutating func begin(_ entry: Entry) {
        var entry = entry
        entry.before = through(entries.count)
        let start = entry.run.end(after: 0)
        forget(start - window - horizon)
        entries.append(entry)
        starts.append(start)
    }

    /// The last run ends after so many steps.
    mutating func end(after steps: Int) { entries[entries.count - 1].run.steps = steps }

    /// Mean gap in nanoseconds over the window that ends at `time`; nil where it holds none.
    func mean(asOf time: SimulatedTime) -> Double? {
        let (upTo, before) = (total(by: time), total(by: time - window))
        let count = upTo.count - before.count
        guard count > 0 else { return nil }
        return Ticks.exactNanoseconds(upTo.ticks - before.ticks) / Double(count)
    }

    /// All gaps that had ended at `time`.
    private func total(by time: SimulatedTime) -> Total {
        var (low, high) = (first, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= time { low = middle + 1 } else { high = middle }
        }
        guard low > first else { return first < entries.count ? entries[first].before : Total() }
        return entries[low - 1].through(entries[low - 1].run.ended(by: time))
    }

    private func through(_ index: Int) -> Total {
        guard index > first else { return Total() }
        return entries[index - 1].through(entries[index - 1].run.steps)
    }

    /// Drops runs behind which another one had begun at `time`.
    private mutating func forget(_ time: SimulatedTime) {
        while first + 1 < entries.count, starts[first + 1] <= time { first += 1 }
        if first > 64, first * 2 > entries.count {
            entries.removeFirst(first)
            starts.removeFirst(first)
            first = 0
        }
    }
}
