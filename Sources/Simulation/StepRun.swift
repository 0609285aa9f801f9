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

    /// How many steps had begun before `time`, whatever else happens in that instant.
    func begun(before time: SimulatedTime) -> Int { min(steps, ended(by: time - 1) + 1) }

    /// How many steps have ended at `time`.
    func ended(by time: SimulatedTime) -> Int {
        // An end is rounded to the nearest nanosecond, halves up.
        let room = Ticks.ticks(nanoseconds: time.nanoseconds) &+ Ticks.wide(Ticks.half) &- start
        var (low, high) = (0, steps)
        if growth >= 0 {
            // The root of the closed form is the answer, or next to it.
            let guess = root(room)
            if guess > 0, duration(guess) >= room { high = guess - 1 } else { low = guess }
            if low < high, duration(low + 1) >= room { return low }
        }
        while low < high {
            let middle = (low + high + 1) / 2
            if duration(middle) < room { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// Steps that two batches begin together, each as long as the longer one of both, for as many
    /// steps as the same batch stays the longer one.
    func together(with other: StepRun) -> StepRun {
        guard (first, growth) >= (other.first, other.growth) else {
            return other.together(with: self)
        }
        var common = min(steps, other.steps)
        if other.growth > growth {
            let lead = Ticks.wide(first) - Ticks.wide(other.first)
            let nearing = Ticks.wide(other.growth) - Ticks.wide(growth)
            common = min(common, Int(clamping: lead / nearing + 1))
        }
        return StepRun(
            start: start, first: first, growth: growth, steps: common,
            isFitted: isFitted)
    }

    /// About as many steps, of those there are, as take `ticks` together.
    private func root(_ ticks: Int128) -> Int {
        let half = Double(growth) / 2
        let linear = Double(first) - half
        let room = Ticks.exactNanoseconds(ticks) * Double(1 << Ticks.fractionBits)
        let root = 2 * room / (linear + (linear * linear + 4 * half * room).squareRoot())
        guard root > 0 else { return 0 }
        return root < Double(steps) ? Int(root) : steps
    }
}
