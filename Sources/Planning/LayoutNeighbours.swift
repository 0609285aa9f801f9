import ServingDomain

/// Layouts that differ from another in one respect: how many GPUs either phase has, or which workers.
struct LayoutNeighbours {
    let candidates: CandidateWorkers
    let bounds: LayoutBounds

    /// Those with 1, 2, 4 … prefill workers more or less, and those of other kinds with as many GPUs for
    /// prefills.
    ///
    /// Each takes as many GPUs of the budget as the decode workers can fill; none of co-located layouts.
    func around(_ layout: Deployment) -> [Deployment] {
        guard let (prefill, decode) = layout.homogeneousPair else { return [] }
        let most = max(prefill.replicas, decode.gpus.value / prefill.kind.gpus)
        let shifts = sequence(first: 1) { 2 * $0 }.prefix { $0 == 1 || $0 < most }
        let shifted = shifts.flatMap { [prefill.replicas + $0, prefill.replicas - $0] }
            .map { filled(prefill.kind, $0, decode.kind) }
        let others = candidates.prefill.flatMap { first in
            candidates.decode.map { second in
                filled(
                    first, max(1, min(prefill.gpus.value / first.gpus, bounds.room(for: first))),
                    second)
            }
        }
        return (shifted + others).compactMap { $0 }.reduce(into: []) { found, next in
            if next != layout, !found.contains(next) { found.append(next) }
        }
    }

    /// So many prefill workers, and as many decode workers as there are GPUs left for.
    private func filled(
        _ prefill: WorkerKind, _ replicas: Int, _ decode: WorkerKind
    ) -> Deployment? {
        guard replicas > 0, bounds.allows(prefill: prefill, decode: decode) else { return nil }
        let first = WorkerGroup(prefill, replicas)
        let room = bounds.room(for: decode, beside: [first])
        guard room > 0 else { return nil }
        let layout = Deployment.disaggregated(
            prefill: [first], decode: [WorkerGroup(decode, room)])
        return bounds.holds(layout.allGroups) ? layout : nil
    }
}
