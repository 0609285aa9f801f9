import CostModeling
import DiscreteEvents

extension LogHistogram {
    /// Adds `count` equal times in ticks; their unit in the histogram is the nanosecond.
    mutating func record(ticks: Int128, count: Int) {
        guard count > 0 else { return }
        record(Ticks.exactNanoseconds(ticks), count: count)
    }

    /// Adds the times of the steps of a run from a given one on, `count` of each.
    ///
    /// Steps of one bin are found by bisection, so that the work grows with the bins and not with
    /// the steps; every step is counted in the bin that it would be counted in alone.
    mutating func record(run: StepRun, from step: Int, count: Int) {
        guard count > 0 else { return }
        var next = step
        while next < run.steps {
            let bin = Self.bin(of: Ticks.exactNanoseconds(Ticks.wide(run.ticks(of: next))))
            var (low, high) = (next, run.steps - 1)
            while low < high {
                let middle = (low + high + 1) / 2
                let other = Self.bin(of: Ticks.exactNanoseconds(Ticks.wide(run.ticks(of: middle))))
                if other == bin { low = middle } else { high = middle - 1 }
            }
            let (opening, closing) = (run.ticks(of: next), run.ticks(of: low))
            let steps = low - next + 1
            let total = (run.duration(low + 1) - run.duration(next)) * Ticks.wide(Int64(count))
            record(
                from: Ticks.exactNanoseconds(Ticks.wide(opening)),
                to: Ticks.exactNanoseconds(Ticks.wide(closing)),
                count: steps * count, sum: Ticks.exactNanoseconds(total))
            next = low + 1
        }
    }
}
