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

    /// Begins the steps that the ranks have formed, each as long as the longest.
    ///
    /// Who has nothing to compute goes along; what they compute together takes the tokens of all.
    mutating func startTogether(_ worker: Int) {
        let ranks = ranks(of: worker)
        var (decodes, clock) = (false, Int128(0))
        for rank in ranks {
            if decodesNext(rank) { decodes = true }
            clock = max(clock, workers[rank].batch.clock)
        }
        let start = decodes ? start(after: clock) : Ticks.ticks(nanoseconds: now.nanoseconds)
        var common = commonRun(ranks, from: start)
        common.steps = min(common.steps, workers[ranks.lowerBound].gate.mostSteps)
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
        var all = EngineLoad()
        func own(_ rank: Int) -> StepRun {
            let share = load(of: rank)
            all.add(share)
            return ownRun(rank, from: start).adding(-sharedTicks(share, of: rank))
        }
        var common = own(ranks.lowerBound)
        for rank in ranks.dropFirst() { common = common.together(with: own(rank)) }
        return common.adding(sharedTicks(all, of: ranks.lowerBound))
    }

    /// What a rank has in the step that was formed.
    private func load(of rank: Int) -> EngineLoad {
        EngineLoad(
            sequences: decodesNext(rank) ? workers[rank].batch.count : 0,
            promptTokens: workers[rank].chunks.reduce(0) { $0 + $1.tokens })
    }

    /// Ticks of what the ranks of an engine compute together, were this all that they have.
    private func sharedTicks(_ load: EngineLoad, of rank: Int) -> Int64 {
        guard workers[rank].costs.isShared else { return 0 }
        return Ticks.rounding(
            nanoseconds: workers[rank].costs.sharedTime(
                batch: load.sequences, promptTokens: load.promptTokens))
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

/// What is computed in one step.
private struct EngineLoad {
    var sequences = 0
    var promptTokens = 0

    mutating func add(_ other: Self) {
        sequences += other.sequences
        promptTokens += other.promptTokens
    }
}

extension StepRun {
    /// Steps of the same batch that each take so many ticks more, and never less than none.
    fileprivate func adding(_ ticks: Int64) -> Self {
        guard ticks != 0 else { return self }
        let least = min(0, growth * Int64(clamping: steps - 1))
        return Self(
            start: start, first: max(first + ticks, -least), growth: growth, steps: steps,
            isFitted: isFitted)
    }
}
