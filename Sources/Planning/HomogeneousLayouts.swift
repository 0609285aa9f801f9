import ServingDomain

/// Layouts of equal workers in each phase that take all GPUs that they may.
struct HomogeneousLayouts {
    let candidates: CandidateWorkers
    let bounds: LayoutBounds

    /// Prefill and decode workers, each of one kind: 21 layouts of 8 GPUs with the usual degrees in one
    /// pool, 280 of 64.
    ///
    /// Workers of two pools take all GPUs of both, or of the budget where that is less.
    var split: [Deployment] {
        candidates.prefill.flatMap { prefill in
            candidates.decode.filter { bounds.allows(prefill: prefill, decode: $0) }
                .flatMap { split(prefill, $0) }
        }
    }

    private func split(_ prefill: WorkerKind, _ decode: WorkerKind) -> [Deployment] {
        let gpus = bounds.most(in: [prefill.pool, decode.pool])
        return (1..<max(2, gpus / prefill.gpus)).compactMap { replicas in
            let left = gpus - replicas * prefill.gpus
            guard left > 0, left.isMultiple(of: decode.gpus) else { return nil }
            return fitting(
                .disaggregated(
                    prefill: [WorkerGroup(prefill, replicas)],
                    decode: [WorkerGroup(decode, left / decode.gpus)]))
        }
    }

    /// Co-located workers of one kind.
    var colocated: [Deployment] {
        candidates.colocated.compactMap { kind in
            let gpus = bounds.most(in: [kind.pool])
            guard gpus.isMultiple(of: kind.gpus), gpus > 0 else { return nil }
            return fitting(.colocated([WorkerGroup(kind, gpus / kind.gpus)]))
        }
    }

    private func fitting(_ layout: Deployment) -> Deployment? {
        bounds.holds(layout.allGroups) ? layout : nil
    }
}
