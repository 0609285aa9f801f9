import DiscreteEvents
import ServingDomain

@testable import Simulation

/// Counts everybody after each event of a run, and remembers what the workers did before it.
///
/// INV-6 a session that has arrived is alive in one place, has ended, or was refused. INV-7 tokens
/// in a batch are those of its sequences. INV-8 no worker does two things at once. INV-9 seats and
/// token budgets are never exceeded.
struct Census {
    /// What a worker was busy with after the last event.
    private struct Work {
        var until = SimulatedTime.zero
        var begun: Int128 = 0
        var slots: [Int32] = []
    }

    private var time = SimulatedTime.zero
    private var serving: [Work?] = []
    private var prefill: [Work?] = []

    /// What is wrong after the latest event; empty where nothing is.
    mutating func faults(_ cluster: borrowing RunningCluster) -> [String] {
        defer { time = cluster.now }
        var faults = Self.placeFaults(cluster)
        if cluster.now < time { faults.append("INV-1: \(cluster.now) comes after \(time)") }
        for index in cluster.workers.indices {
            faults += Self.batchFaults(cluster, index)
        }
        faults += overlaps(cluster)
        return faults
    }

    // MARK: Sessions

    /// INV-6: who has arrived and has neither ended nor been refused is in one place.
    private static func placeFaults(_ cluster: borrowing RunningCluster) -> [String] {
        var faults: [String] = []
        var (alive, waiting) = (0, Array(repeating: 0, count: cluster.workers.count))
        for slot in cluster.slots.indices where cluster.slots[slot].stage != .ended {
            alive += 1
            guard cluster.slots[slot].stage == .waiting else { continue }
            waiting[Int(cluster.slots[slot].worker)] += 1
        }
        let ended = cluster.sessions.jobCount - cluster.outstanding
        if cluster.nextJob != cluster.jobsUnderWay + ended {
            faults.append("INV-6: \(cluster.nextJob) jobs came, \(ended) ended, the rest are gone")
        }
        if !cluster.tracksJobs, alive != cluster.jobsUnderWay {
            faults.append("INV-6: \(alive) sessions are \(cluster.jobsUnderWay) jobs")
        }
        for index in cluster.workers.indices {
            let queued =
                cluster.workers[index].queue.count + cluster.workers[index].memoryQueue.count
            if queued != waiting[index] {
                faults.append("INV-6: \(queued) queued on \(index), \(waiting[index]) wait")
            }
        }
        return faults
    }

    // MARK: Batches

    /// INV-7 and INV-9: sequences, their tokens and their seats.
    private static func batchFaults(
        _ cluster: borrowing RunningCluster, _ index: Int
    ) -> [String] {
        var (count, measured, context) = (0, 0, 0)
        for slot in cluster.slots.indices {
            let state = cluster.slots[slot]
            guard state.stage == .decoding, Int(state.worker) == index else { continue }
            count += 1
            measured += state.isMeasured ? 1 : 0
            context += cluster.workers[index].batch.length(of: state) + 1
        }
        var faults: [String] = []
        func expect(_ found: Int, _ told: Int, _ what: String) {
            if found != told { faults.append("INV-7: \(what) of \(index): \(found), told \(told)") }
        }
        expect(count, cluster.workers[index].batch.count, "sequences")
        expect(measured, cluster.workers[index].batch.measured, "measured sequences")
        expect(context, cluster.workers[index].batch.totalContext, "tokens")
        let partials = cluster.workers[index].partials.count
        if count + partials > cluster.setup.maxSequences {
            faults.append("INV-9: \(count + partials) seats on \(index)")
        }
        let tokens = cluster.workers[index].chunks.reduce(0) { $0 + $1.tokens }
        let mayRunAlone =
            cluster.policy.localPrefill == .wholePrompts
            && cluster.workers[index].chunks.count == 1
        if !mayRunAlone, tokens > 0, tokens > cluster.setup.tokenBudget {
            faults.append("INV-9: \(tokens) tokens in a step on \(index)")
        }
        return faults
    }

    // MARK: Workers

    /// INV-8: what a worker began before the event has ended when it is busy with something else.
    private mutating func overlaps(_ cluster: borrowing RunningCluster) -> [String] {
        var faults: [String] = []
        func compare(_ before: Work?, _ after: Work?, _ name: String) {
            guard let before, let after, before.until > cluster.now else { return }
            let isSame = before.begun == after.begun && before.slots == after.slots
            if !isSame || after.until > before.until {
                faults.append("INV-8: \(name) was busy until \(before.until)")
            }
        }
        let now = Self.work(cluster)
        for index in serving.indices {
            compare(serving[index], now.serving[index], "serving worker \(index)")
        }
        for index in prefill.indices {
            compare(prefill[index], now.prefill[index], "prefill worker \(index)")
        }
        (serving, prefill) = now
        return faults
    }

    private static func work(
        _ cluster: borrowing RunningCluster
    ) -> (serving: [Work?], prefill: [Work?]) {
        var (serving, prefill): ([Work?], [Work?]) = ([], [])
        for index in cluster.workers.indices {
            let isBusy = cluster.workers[index].isBusy
            let begun = cluster.workers[index].decodes ? cluster.workers[index].entry.run.start : -1
            serving.append(
                isBusy
                    ? Work(
                        until: cluster.workers[index].busyUntil, begun: begun,
                        slots: cluster.workers[index].chunks.map(\.slot)) : nil)
        }
        for index in cluster.prefillWorkers.indices {
            let slots = cluster.prefillWorkers[index].computing.map(\.slot)
            prefill.append(
                slots.isEmpty
                    ? nil : Work(until: cluster.prefillWorkers[index].busyUntil, slots: slots))
        }
        return (serving, prefill)
    }
}
