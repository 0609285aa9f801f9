import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain

/// Where rounds are prefilled, and what the policy sees when it decides.
extension RunningCluster {
    /// Sends a released round to the worker that will prefill it.
    mutating func send(_ slot: Int) {
        look(slot)
        let route = policy.rule(view)
        if case .serving(let worker) = route { rebind(slot, to: worker) }
        wait(slot)
        switch route {
        case .local, .serving: enqueueLocal(slot)
        case .remote(let index): queueForMemory(slot, executor: Int32(index))
        case .shared: queueForMemory(slot, executor: Self.anyPrefillWorker)
        }
    }

    /// A round that is prefilled elsewhere waits for memory first.
    private mutating func queueForMemory(_ slot: Int, executor: Int32) {
        let worker = Int(slots[slot].worker)
        slots[slot].executor = executor
        note(.memoryWait, slot)
        workers[worker].memoryQueue.append(Int32(slot))
        admitWaiting(worker)
    }

    /// The executor of a round that waits for whichever prefill worker is free first.
    static var anyPrefillWorker: Int32 { .max }

    /// Fills the view with what the policy looks at.
    private mutating func look(_ slot: Int) {
        let (home, local) = (Int(slots[slot].worker), localShape(slot))
        view.round = RoutingView.Round(
            number: Int(slots[slot].round), history: local.history, increment: local.increment,
            output: slots[slot].outputTokens)
        guard policy.sight.contains(.prefillWorkers) else { return }
        let seenAt = now - prefillBoard.delay
        let face = servingBoard.face(of: home, at: now)
        view.home.queuedWork = face.queuedWork(at: seenAt)
        let capacity = workers[home].pool.capacity
        // The last report is older than the release: this round's prompt is not in it.
        let counted =
            servingBoard.delay == 0 ? workers[home].pledged : capacity - face.freeBlocks
        view.home.memoryInUse = Double(counted) / Double(max(1, capacity))
        view.home.compute = estimates.compute(local, kind: workers[home].kind)
        if policy.sight.contains(.windows) {
            view.home.windowedITL = workers[home].gaps.mean(asOf: seenAt) ?? 0
        }
        view.sharedTasks = sharedQueue.count
        if !lookAtFew(slot, home, seenAt) { lookAtAll(slot, home, seenAt) }
        if let deflection = policy.deflection { lookAtHosts(slot, deflection) }
        if policy.sight.contains(.rate) { lookAtRate(seenAt) }
    }

    private mutating func lookAtAll(_ slot: Int, _ home: Int, _ seenAt: SimulatedTime) {
        let degree = workers[home].costs.degree
        let remote = remoteShape(slot, on: nil)
        let differs = setup.historySource == .prefillCache
        for index in prefillWorkers.indices {
            let link = links.link(prefill: index, serving: home)
            look(
                atPrefillWorker: index, differs ? remoteShape(slot, on: index) : remote,
                home: degree, over: link, seenAt)
        }
    }

    /// Looks at those prefill workers alone of which one is the cheapest: all on the node of the serving
    /// worker, and of each kind elsewhere the first idle one with slack, which none of its kind is before.
    ///
    /// - Returns: false where there is no such one of some kind, so that all have to be looked at.
    private mutating func lookAtFew(_ slot: Int, _ home: Int, _ seenAt: SimulatedTime) -> Bool {
        guard !idleWorkers.kinds.isEmpty else { return false }
        view.shortlist.removeAll(keepingCapacity: true)
        for kind in idleWorkers.kinds {
            guard let found = idleWorker(kind, farFrom: home) else {
                view.shortlist.removeAll(keepingCapacity: true)
                return false
            }
            view.shortlist.append(found)
        }
        view.shortlist += links.prefillWorkers(near: home)
        let (degree, remote) = (workers[home].costs.degree, remoteShape(slot, on: nil))
        for index in view.shortlist {
            let link = links.link(prefill: index, serving: home)
            look(atPrefillWorker: index, remote, home: degree, over: link, seenAt)
        }
        return true
    }

    /// The first idle prefill worker with slack on another node than a serving worker.
    private mutating func idleWorker(_ kind: Int, farFrom home: Int) -> Int? {
        var found = idleWorkers.first(kind)
        while let index = found, links.isNear(index, home) || !hasSlack(index) {
            found = idleWorkers.first(kind, from: index + 1)
        }
        return found
    }

    /// Whether a prefill worker goes before those whose first tokens come late.
    private mutating func hasSlack(_ index: Int) -> Bool {
        guard let slack = policy.prefillSlack else { return true }
        return prefillWorkers[index].latencies.mean(at: now) ?? 0 <= slack
    }

    /// Counts the round among those released, and tells the view how many there were of late.
    private mutating func lookAtRate(_ seenAt: SimulatedTime) {
        releases.add(now, sum: 0)
        let window = setup.policy.window.inSeconds
        view.rate = Double(releases.count(asOf: seenAt)) / window / Double(workers.count)
    }

    @inline(__always)
    private mutating func look(
        atPrefillWorker index: Int, _ shape: PrefillShape, home: TensorParallelDegree,
        over link: LinkClass, _ seenAt: SimulatedTime
    ) {
        let face = prefillBoard.face(of: index, at: now)
        let kind = prefillWorkers[index].kind
        // Changed as a whole: each change of an element asks who else sees the array.
        var seen = view.prefill[index]
        seen.queuedWork = face.queuedWork(at: seenAt)
        seen.tasks = Int(face.tasks)
        seen.tokens = face.tokens
        seen.compute = estimates.compute(shape, kind: kind)
        seen.transfer = estimates.transfer(shape, kind: kind, home: home, over: link)
        if policy.sight.contains(.windows) {
            let mean =
                prefillBoard.delay == 0
                ? prefillWorkers[index].latencies.mean(at: now)
                : prefillWorkers[index].latencies.mean(asOf: seenAt)
            seen.windowedTTFT = mean ?? 0
        }
        view.prefill[index] = seen
    }

    /// Sizes of the round's prefill on its serving worker.
    func localShape(_ slot: Int) -> PrefillShape {
        let resident = residentTokens(slot)
        let increment = slots[slot].promptTokens - resident
        return PrefillShape(
            read: 0, history: resident, increment: increment, back: 0)
    }

    /// Sizes of the round's prefill on a prefill worker, or on an infinite server, which forgets all.
    func remoteShape(_ slot: Int, on index: Int?) -> PrefillShape {
        let (prompt, resident) = (slots[slot].promptTokens, residentTokens(slot))
        return switch setup.historySource {
        case .readFromDecode where resident >= setup.leastHistoryRead:
            PrefillShape(
                read: resident, history: resident, increment: prompt - resident,
                back: prompt - resident)
        case .recompute, .readFromDecode:
            PrefillShape(read: 0, history: 0, increment: prompt, back: prompt - resident)
        case .prefillCache:
            cached(index.map { cachedTokens(slot, on: $0) } ?? 0, of: prompt, resident)
        }
    }

    private func cached(_ tokens: Int, of prompt: Int, _ resident: Int) -> PrefillShape {
        PrefillShape(
            read: 0, history: tokens, increment: prompt - tokens, back: prompt - resident)
    }
}
