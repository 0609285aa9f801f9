import CostModeling
import DiscreteEvents

/// Consecutive decode steps of one batch in which nobody joins or leaves.
///
/// Within one piece of the cost function every step takes a fixed time longer than the one before
/// it, so that ends, sums and means of any number of steps have a closed form, exact in ticks.
struct StepRun {
    /// Clock of the batch when the first step starts, in ticks.
    let start: Int128
    /// Ticks of the first step.
    let first: Int64
    /// Ticks by which each step is longer than the one before it.
    let growth: Int64
    /// Steps that are planned or were executed.
    var steps: Int
    /// Whether the cost of the steps lies inside the fitted range.
    let isFitted: Bool

    /// Ticks that the first `count` steps take together.
    func duration(_ count: Int) -> Int128 {
        let pairs = Int64(count) &* (Int64(count) &- 1) / 2
        return Ticks.wide(Int64(count)) &* Ticks.wide(first) &+ Ticks.wide(growth)
            &* Ticks.wide(pairs)
    }

    /// Ticks of the step with this index.
    func ticks(of step: Int) -> Int64 { first + growth * Int64(step) }

    /// Clock of the batch after `count` steps.
    func clock(after count: Int) -> Int128 { start + duration(count) }

    /// Instant at which `count` steps have ended.
    func end(after count: Int) -> SimulatedTime {
        SimulatedTime(nanoseconds: Ticks.nanoseconds(clock(after: count)))
    }

    /// How many steps have ended at `time`.
    func ended(by time: SimulatedTime) -> Int {
        var (low, high) = (0, steps)
        while low < high {
            let middle = (low + high + 1) / 2
            if end(after: middle) <= time { low = middle } else { high = middle - 1 }
        }
        return low
    }
}

/// The gaps between tokens of one worker in the last seconds, by runs of steps.
///
/// A window that ends at t holds the gaps that ended in (t - window, t].
struct GapWindow {
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

        /// Gaps of the first `steps` steps.
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
    }

    private let window: Int64
    private let horizon: Int64
    private var entries: [Entry] = []
    private var first = 0

    init(window: Int64, horizon: Int64) {
        self.window = window
        self.horizon = horizon
    }

    /// The run that was begun last; nil before the first.
    var last: Entry? { entries.last }

    mutating func begin(_ entry: Entry) {
        var entry = entry
        entry.before = through(entries.count)
        forget(SimulatedTime(nanoseconds: Ticks.nanoseconds(entry.run.start)) - window - horizon)
        entries.append(entry)
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
            if entries[middle].run.end(after: 0) <= time { low = middle + 1 } else { high = middle }
        }
        guard low > first else { return first < entries.count ? entries[first].before : Total() }
        let entry = entries[low - 1]
        let ended = entry.gaps(entry.run.ended(by: time))
        return Total(
            ticks: entry.before.ticks + ended.ticks, count: entry.before.count + ended.count)
    }

    private func through(_ index: Int) -> Total {
        guard index > first else { return Total() }
        let entry = entries[index - 1]
        let own = entry.gaps(entry.run.steps)
        return Total(ticks: entry.before.ticks + own.ticks, count: entry.before.count + own.count)
    }

    /// Drops runs that ended at `time` or before; the last one stays.
    private mutating func forget(_ time: SimulatedTime) {
        while first + 1 < entries.count,
            entries[first].run.end(after: entries[first].run.steps) <= time
        {
            first += 1
        }
        if first > 64, first * 2 > entries.count {
            entries.removeFirst(first)
            first = 0
        }
    }
}
