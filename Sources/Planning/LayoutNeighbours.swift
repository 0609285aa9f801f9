import ServingDomain

/// Layouts that differ from another in one respect: how many GPUs either phase has, or which workers.
struct LayoutNeighbours {
    let candidates: CandidateWorkers
    let bounds: LayoutBounds
    /// Whether a phase may have workers of two kinds.
    var mixes = false

    /// Those of one kind in each phase, and where that is allowed those of two.
    func around(_ layout: Deployment) -> [Deployment] {
        let found = pure(layout) + (mixes ? mixed(layout) : [])
        return found.compactMap { $0 }.reduce(into: []) { found, next in
            if next != layout, !found.contains(next) { found.append(next) }
        }
    }

    /// Those with 1, 2, 4 … prefill workers more or less, and those of other kinds with as many GPUs for
    /// prefills.
    ///
    /// Each takes as many GPUs of the budget as the decode workers can fill; none of co-located layouts.
    private func pure(_ layout: Deployment) -> [Deployment?] {
        guard let (prefill, decode) = layout.homogeneousPair else { return [] }
        let most = max(prefill.replicas, decode.gpus.value / prefill.kind.gpus)
        let shifts = sequence(first: 1) { 2 * $0 }.prefix { $0 == 1 || $0 < most }
        let shifted = shifts.flatMap { [prefill.replicas + $0, prefill.replicas - $0] }
            .map { filled([WorkerGroup(prefill.kind, $0)], [decode.kind]) }
        let others = candidates.prefill.flatMap { first in
            candidates.decode.map { second in
                filled(
                    [
                        WorkerGroup(
                            first,
                            max(1, min(prefill.gpus.value / first.gpus, bounds.room(for: first))))
                    ], [second])
            }
        }
        return shifted + others
    }

    /// Those with 1, 2, 4 … workers more or less of one kind of prefill workers, with another kind beside the
    /// only one, and with what is left of another pool for decode workers.
    private func mixed(_ layout: Deployment) -> [Deployment?] {
        let (prefill, decode) = (layout.groups(of: .prefill), layout.groups(of: .decode))
        guard let last = decode.first else { return [] }
        let further = candidates.decode.filter {
            $0.pool != last.pool && $0.parallelism.data == last.parallelism.data
        }
        let ways = [decode.map(\.kind)] + further.map { [last.kind, $0] }
        return (resized(prefill) + joined(prefill)).flatMap { groups in
            ways.map { filled(groups, $0) }
        }
    }

    private func resized(_ groups: [WorkerGroup]) -> [[WorkerGroup]] {
        var found = [groups]
        for place in groups.indices {
            var others = groups
            let own = others.remove(at: place)
            let most = max(bounds.room(for: own.kind, beside: others), own.replicas)
            for step in sequence(first: 1, next: { 2 * $0 }).prefix(while: { $0 <= most }) {
                for count in [own.replicas + step, own.replicas - step]
                where (0...most).contains(count) {
                    var changed = groups
                    changed[place] = WorkerGroup(own.kind, count)
                    found.append(changed.filter { $0.replicas > 0 })
                }
            }
        }
        return found
    }

    private func joined(_ groups: [WorkerGroup]) -> [[WorkerGroup]] {
        guard groups.count == 1, let first = groups.first else { return [] }
        return candidates.prefill.filter {
            $0 != first.kind && $0.parallelism.data == first.parallelism.data
        }.flatMap { kind in
            let room = bounds.room(for: kind, beside: groups)
            let counts = sequence(first: 1) { 2 * $0 }.prefix { $0 < room } + [room]
            return counts.filter { $0 > 0 }.map { groups + [WorkerGroup(kind, $0)] }
        }
    }

    /// These prefill workers, and as many decode workers of each kind as there are GPUs left for, one kind
    /// after the other; nil where there is no such layout.
    private func filled(_ prefill: [WorkerGroup], _ decode: [WorkerKind]) -> Deployment? {
        guard !prefill.isEmpty, prefill.allSatisfy({ $0.replicas > 0 }),
            prefill.allSatisfy({ group in
                decode.allSatisfy { bounds.allows(prefill: group.kind, decode: $0) }
            })
        else { return nil }
        var groups: [WorkerGroup] = []
        for kind in decode {
            let room = bounds.room(for: kind, beside: prefill + groups)
            if room > 0 { groups.append(WorkerGroup(kind, room)) }
        }
        guard !groups.isEmpty, bounds.holds(prefill + groups) else { return nil }
        return .disaggregated(prefill: prefill, decode: groups)
    }
}
