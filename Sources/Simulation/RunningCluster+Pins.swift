import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain

/// Histories that are pinned while a tool runs, and what policies of whole sessions add to queues
/// and preemption.
extension RunningCluster {
    // MARK: Pins

    /// When the pin of a history ends that a tool call begins to need; `.zero` for no pin.
    func endOfPin(_ slot: Int) -> SimulatedTime {
        guard let pin = policy.pin else { return .zero }
        let worker = Int(slots[slot].worker)
        let call = ToolCall(
            tool: sessions.tools.label(ofRound: slots[slot].servedRound),
            recomputation: workers[worker].costs.prefillTime(
                history: 0, increment: slots[slot].context) / 1e9,
            experience: experience[worker])
        let time = pin(call)
        guard time < .infinity else { return .never }
        return time > 0 ? now + nanoseconds(time * 1e9) : .zero
    }

    /// Keeps an entry from everybody else until its pin ends.
    mutating func pin(_ entry: Int, until end: SimulatedTime, of slot: Int) {
        let worker = Int(entries[entry].worker)
        entries[entry].pinEnd = end
        workers[worker].pinned.append(entry, in: &entries)
        workers[worker].pool.changePinned(by: Int(entries[entry].blocks))
        if end < .never { schedule(.pinEnded, slot, after: end - now) }
    }

    /// The session has not come back in time: its history is as idle as any other.
    mutating func endPin(_ slot: Int) {
        guard let entry = pinnedEntry(of: slot, until: now) else { return }
        let worker = Int(entries[entry].worker)
        settle(worker)
        unlink(entry)
        entries[entry].pinEnd = .zero
        workers[worker].idle.append(entry, in: &entries)
        workers[worker].pool.changeIdle(by: Int(entries[entry].blocks))
        admitWaiting(worker)
        if !workers[worker].queue.isEmpty { proceed(worker) }
    }

    private func pinnedEntry(of slot: Int, until end: SimulatedTime) -> Int? {
        entries.find(from: slots[slot].entry) { $0.pinEnd == end }
    }

    /// Evicts the pinned history of the session that arrived last; false where none is pinned.
    mutating func evictPinned(_ worker: Int) -> Bool {
        var (victim, entry) = (-1, Int(workers[worker].pinned.first))
        while entry >= 0 {
            if victim < 0 || session(of: entry) > session(of: victim) { victim = entry }
            entry = Int(entries[entry].next)
        }
        guard victim >= 0 else { return false }
        evict(entry: victim)
        return true
    }

    private func session(of entry: Int) -> Int { slots[Int(entries[entry].owner)].session }

    // MARK: What workers learn of tools

    /// A tool call ends; the worker on which its round ended has seen it.
    mutating func noteToolEnd(_ slot: Int) {
        guard policy.pin != nil, slots[slot].round > 0 else { return }
        experience[Int(slots[slot].worker)].note(
            duration: Double(now - slots[slot].roundEnded) / 1e9,
            tool: sessions.tools.label(ofRound: slots[slot].servedRound))
    }

    /// A round is released: whether its worker still has its history.
    ///
    /// In an entry of its own, or all of it in shared segments: a beginning that others share too
    /// does not tell.
    mutating func noteLostHistory(_ slot: Int) {
        guard policy.pin != nil else { return }
        slots[slot].hasLostHistory =
            slots[slot].round > 0 && slots[slot].resident == 0
            && lookUp(slot).tokens < slots[slot].context
    }

    /// A prefill begins: how long a round waited whose history was gone is of interest.
    mutating func noteWaitOfReturn(_ slot: Int) {
        guard policy.pin != nil, slots[slot].hasLostHistory else { return }
        slots[slot].hasLostHistory = false
        experience[Int(slots[slot].worker)].note(wait: Double(now - slots[slot].released) / 1e9)
    }

    mutating func noteRounds(_ slot: Int) {
        guard policy.pin != nil else { return }
        experience[Int(slots[slot].worker)].note(rounds: Int(slots[slot].rounds))
    }

    // MARK: Queues and preemption by sessions

    /// Place of a round in the queue of its worker: the lower comes first, equal ones by arrival.
    func rank(_ slot: Int) -> Int {
        guard let kinds = policy.programs else { return 0 }
        let kind = kinds.firstIndex { kind in
            switch kind {
            case .preempted: slots[slot].wasPreempted
            case .pinned: slots[slot].isPinned
            }
        }
        return (kind ?? kinds.count) << 48 | slots[slot].session
    }

    /// The round that gives way where the batch cannot grow.
    func victim(_ worker: Int) -> Int {
        guard policy.victim == .latestSession else { return Int(workers[worker].running.last) }
        var (best, slot) = (-1, Int(workers[worker].running.first))
        while slot >= 0 {
            if best < 0 || goesBefore(slot, best) { best = slot }
            slot = Int(slots[slot].next)
        }
        return best
    }

    /// Rounds that are followed by others give way before the last ones of their sessions.
    private func goesBefore(_ slot: Int, _ other: Int) -> Bool {
        let (isLast, isOtherLast) = (isLastRound(slot), isLastRound(other))
        guard isLast == isOtherLast else { return isOtherLast }
        return slots[slot].session > slots[other].session
    }

    private func isLastRound(_ slot: Int) -> Bool { slots[slot].round + 1 == slots[slot].rounds }
}
