import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain

/// Sessions in tool calls whose histories are judged anew at every step boundary.
extension RunningCluster {
    /// A pinned history, and the least that it wastes.
    private struct Judged {
        let entry: Int
        let keeping: Double
        let discarding: Double

        var least: Double { min(keeping, discarding) }
    }

    /// Swaps out what wastes most, as far as the last step would have hidden it; of the rest gives
    /// up whatever wastes more memory if it stays.
    mutating func reviewInterceptions(_ worker: Int) {
        guard policy.minimisesWaste, !workers[worker].pinned.isEmpty,
            workers[worker].reviewed != now
        else { return }
        workers[worker].reviewed = now
        var budget = swapBudget(worker)
        for judged in judgedInterceptions(worker) {
            if budget > 0, fitsIntoHost(judged.entry) {
                swapOut(judged.entry, &budget)
            } else if judged.discarding < judged.keeping {
                discard(judged.entry)
            }
        }
    }

    /// All of a worker, those that waste most first.
    private func judgedInterceptions(_ worker: Int) -> [Judged] {
        var judged: [Judged] = []
        var entry = Int(workers[worker].pinned.first)
        while entry >= 0 {
            judged.append(judge(entry, worker))
            entry = Int(entries[entry].next)
        }
        // Of equal ones the round that ended first; the sort of the library is stable.
        return judged.sorted { $0.least > $1.least }
    }

    private func judge(_ entry: Int, _ worker: Int) -> Judged {
        let interception = Interception(
            elapsed: Double(now - entries[entry].left),
            context: Int(entries[entry].tokens), others: workers[worker].batch.totalContext,
            chunk: max(1, setup.tokenBudget - workers[worker].batch.count))
        let costs = workers[worker].costs
        return Judged(
            entry: entry, keeping: interception.wasteOfKeeping,
            discarding: interception.wasteOfDiscarding {
                costs.prefillTime(history: 0, increment: $0)
            })
    }

    /// Tokens that could move to host memory during the step that has just ended.
    private func swapBudget(_ worker: Int) -> Int {
        guard let host = setup.host else { return 0 }
        let perToken = host.timePerToken(workers[worker].costs.degree)
        let tokens = Ticks.exactNanoseconds(workers[worker].lastStep) / perToken
        return tokens < 1e9 ? Int(tokens) : 1_000_000_000
    }

    private func fitsIntoHost(_ entry: Int) -> Bool {
        let worker = Int(entries[entry].worker)
        return workers[worker].host.historyBlocks + Int(entries[entry].blocks) <= hostCapacity
    }

    /// Moves as much as the budget allows; the blocks are free when all of it has moved.
    private mutating func swapOut(_ entry: Int, _ budget: inout Int) {
        let part = min(budget, Int(entries[entry].tokens - entries[entry].swapped))
        budget -= part
        entries[entry].swapped += Int32(part)
        if entries[entry].swapped == entries[entry].tokens { evict(entry: entry) }
    }

    private mutating func discard(_ entry: Int) {
        workers[Int(entries[entry].worker)].pool.give(Int(entries[entry].blocks))
        noteEviction(entry)
        forget(entry)
    }
}
