import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain

/// Where rounds are prefilled, and what the policy sees when it decides.
extension RunningCluster {
    /// Sends a released round to the worker that will prefill it.
    mutating func send(_ slot: Int) {
        routed = RoutedRound(
            worker: Int(slots[slot].worker), local: localShape(slot), remote: remoteShape(slot))
        let router = router
        switch router.route(&self) {
        case .local:
            wait(slot)
            enqueueLocal(slot)
        case .remote(let index):
            slots[slot].executor = Int32(index)
            wait(slot)
            workers[routed.worker].memoryQueue.append(Int32(slot))
            admitWaiting(routed.worker)
        }
    }

    /// Sizes of the round's prefill on its serving worker.
    func localShape(_ slot: Int) -> PrefillShape {
        let increment = slots[slot].promptTokens - slots[slot].resident
        return PrefillShape(
            read: 0, history: slots[slot].resident, increment: increment, back: 0)
    }

    /// Sizes of the round's prefill on a prefill worker.
    func remoteShape(_ slot: Int) -> PrefillShape {
        let (prompt, resident) = (slots[slot].promptTokens, slots[slot].resident)
        return switch setup.historySource {
        case .readFromDecode:
            PrefillShape(
                read: resident, history: resident, increment: prompt - resident,
                back: prompt - resident)
        case .recompute:
            PrefillShape(read: 0, history: 0, increment: prompt, back: prompt - resident)
        }
    }
}

/// The round that is being routed.
struct RoutedRound {
    var worker = 0
    var local = PrefillShape(read: 0, history: 0, increment: 0, back: 0)
    var remote = PrefillShape(read: 0, history: 0, increment: 0, back: 0)
}

extension RunningCluster: ClusterView {
    private var seenAt: SimulatedTime { now - prefillBoard.delay }

    var prefillWorkerCount: Int { prefillWorkers.count }

    mutating func queuedWork(onPrefillWorker index: Int) -> Double {
        prefillBoard.face(of: index, at: now).queuedWork(at: seenAt)
    }

    mutating func queuedWorkAtHome() -> Double {
        servingBoard.face(of: routed.worker, at: now).queuedWork(at: seenAt)
    }

    mutating func windowedTTFT(onPrefillWorker index: Int) -> Double {
        let mean =
            prefillBoard.delay == 0
            ? prefillWorkers[index].latencies.mean(at: now)
            : prefillWorkers[index].latencies.mean(asOf: seenAt)
        return mean ?? 0
    }

    mutating func windowedITLAtHome() -> Double {
        workers[routed.worker].gaps.mean(asOf: seenAt) ?? 0
    }

    mutating func prefillTime(onPrefillWorker index: Int) -> Double {
        estimates.compute(routed.remote, kind: prefillWorkers[index].kind)
    }

    mutating func prefillTimeAtHome() -> Double {
        estimates.compute(routed.local, kind: workers[routed.worker].kind)
    }

    mutating func transferTime(onPrefillWorker index: Int) -> Double {
        estimates.transfer(
            routed.remote, kind: prefillWorkers[index].kind,
            home: workers[routed.worker].costs.degree)
    }
}
