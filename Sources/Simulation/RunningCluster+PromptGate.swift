import DequeModule
import DiscreteEvents
import ServingDomain

/// Prompts that wait while an engine decodes: for those of other ranks, for more, or to be looked at.
extension RunningCluster {
    /// What prompts of a serving worker wait for; nil where they wait for nothing.
    var promptRule: PromptGate.Rule? {
        guard setup.receiveInterval <= 1 else { return .receiving(every: setup.receiveInterval) }
        guard setup.dataParallelRanks == 1 else { return setup.promptBalance.map { .balance($0) } }
        return setup.promptPooling.map {
            .pooling(steps: $0.steps, tokens: $0.share * Double(setup.tokenBudget))
        }
    }

    /// Forms the steps of an engine, with the prompts of its ranks or without; false where there is nothing
    /// to compute.
    mutating func formSteps(_ worker: Int, _ rule: PromptGate.Rule) -> Bool {
        for rank in ranks(of: worker) {
            reviewInterceptions(rank)
            if !hasSequences(rank), !hasPrompts(rank) { _ = lookAtNewcomers(rank) }
        }
        let before = load(of: worker, rule)
        workers[worker].gate.decide(before, rule)
        var hasWork = formRanks(worker)
        if !hasWork, workers[worker].gate.holdsPrompts {
            // Nobody decodes after all, for want of memory, so that nothing is gained by waiting.
            workers[worker].gate.giveUp()
            hasWork = formRanks(worker)
        }
        var after = load(of: worker, rule)
        after.hasWork = hasWork
        after.computesPrompts = ranks(of: worker).contains { !workers[$0].chunks.isEmpty }
        workers[worker].gate.settle(after, rule)
        return hasWork
    }

    /// Whether the step that a worker forms leaves its prompts waiting.
    func holdsPrompts(_ worker: Int) -> Bool {
        workers[ranks(of: worker).lowerBound].gate.holdsPrompts
    }

    /// No prompt is taken: without one that could be, none is short of memory.
    mutating func leavePrompts(_ worker: Int) {
        if workers[worker].queue.isEmpty || workers[worker].seatsTaken >= setup.maxSequences {
            workers[worker].isShort = false
        }
    }

    /// So many steps of the engine have passed in which nobody looked whether prompts may begin.
    mutating func countWaiting(_ worker: Int, steps: Int) {
        guard let rule = promptRule else { return }
        workers[worker].gate.count(steps, rule)
    }

    private mutating func formRanks(_ worker: Int) -> Bool {
        var hasWork = false
        for rank in ranks(of: worker) where formSeeing(rank) {
            hasWork = true
        }
        return hasWork
    }

    private func load(of worker: Int, _ rule: PromptGate.Rule) -> PromptGate.Load {
        var load = PromptGate.Load(someSequences: false)
        for rank in ranks(of: worker) {
            let (hasPrompts, hasSequences) = (hasPrompts(rank), hasSequences(rank))
            load.somePrompts = load.somePrompts || hasPrompts
            load.allPrompts = load.allPrompts && hasPrompts
            load.allSequences = load.allSequences && hasSequences
            load.someSequences = load.someSequences || hasSequences
            load.someParts = load.someParts || !workers[rank].partials.isEmpty
        }
        if case .pooling(_, let enough) = rule, load.allPrompts, load.allSequences {
            load.isEnough = hasTokens(worker, enough)
        }
        return load
    }

    /// Whether a rank could compute a prompt, were there memory for it.
    private func hasPrompts(_ rank: Int) -> Bool {
        guard workers[rank].partials.isEmpty else { return true }
        guard workers[rank].seatsTaken < setup.maxSequences else { return false }
        return workers[rank].loaded.contains { isSeen(slots[Int($0)].ready, by: rank) }
            || workers[rank].queue.contains(where: { isSeen($0.enqueued, by: rank) })
    }

    /// Whether a rank has sequences that decode, or could begin to.
    private func hasSequences(_ rank: Int) -> Bool {
        workers[rank].batch.count > 0 || !workers[rank].paused.isEmpty
            || workers[rank].joining.contains { isSeen(slots[Int($0)].ready, by: rank) }
    }

    /// Whether the prompts that a worker could compute, whole, and one token of each sequence are as many.
    private func hasTokens(_ worker: Int, _ enough: Double) -> Bool {
        var tokens = workers[worker].batch.count + workers[worker].paused.count
        for slot in workers[worker].joining where isSeen(slots[Int(slot)].ready, by: worker) {
            tokens += 1
        }
        for slot in workers[worker].partials { tokens += slots[Int(slot)].promptTokens }
        for slot in workers[worker].loaded where isSeen(slots[Int(slot)].ready, by: worker) {
            tokens += slots[Int(slot)].promptTokens
        }
        // A long queue is not gone through to its end.
        return Double(tokens) >= enough
            || workers[worker].queue.contains { task in
                if isSeen(task.enqueued, by: worker) {
                    tokens += slots[Int(task.slot)].promptTokens
                }
                return Double(tokens) >= enough
            }
    }
}
