import CostModeling
import DiscreteEvents

/// Data-parallel ranks: serving workers of one engine that step together.
extension RunningCluster {
    /// The workers whose steps begin and end with those of `worker`, itself included.
    func ranks(of worker: Int) -> Range<Int> {
        let count = setup.dataParallelRanks
        guard count > 1 else { return worker..<worker + 1 }
        let first = worker - worker % count
        return first..<first + count
    }

    /// Begins the steps that the ranks have formed, each as long as the longest; who has nothing
    /// to compute goes along.
    mutating func startTogether(_ worker: Int) {
        let ranks = ranks(of: worker)
        var (decodes, clock) = (false, Int128(0))
        for rank in ranks {
            if decodesNext(rank) { decodes = true }
            clock = max(clock, workers[rank].batch.clock)
        }
        let start = decodes ? start(after: clock) : Ticks.ticks(nanoseconds: now.nanoseconds)
        let common = commonRun(ranks, from: start)
        if !decodes { note(common.duration(1), isFitted: common.isFitted) }
        for rank in ranks {
            let isIdle = workers[rank].chunks.isEmpty
            if decodesNext(rank) || (decodes && isIdle) {
                begin(common, on: rank)
            } else {
                beginPrompts(rank)
            }
        }
        occupy(worker, until: common.end(after: common.steps))
    }

    private mutating func commonRun(_ ranks: Range<Int>, from start: Int128) -> StepRun {
        var common = ownRun(ranks.lowerBound, from: start)
        for rank in ranks.dropFirst() {
            common = common.together(with: ownRun(rank, from: start))
        }
        return common
    }

    /// The steps that a rank would take alone; without anything to compute steps of no length, as
    /// many as others like.
    private mutating func ownRun(_ rank: Int, from start: Int128) -> StepRun {
        if decodesNext(rank) { return plannedRun(rank, from: start) }
        guard !workers[rank].chunks.isEmpty else {
            return StepRun(
                start: start, first: 0, growth: 0, steps: mustLookAgain(rank) ? 1 : .max,
                isFitted: true)
        }
        let cost = chunkCost(rank, beside: 0)
        let time = Ticks.rounding(nanoseconds: Double(nanoseconds(cost.time)))
        return StepRun(start: start, first: time, growth: 0, steps: 1, isFitted: cost.isFitted)
    }
}
