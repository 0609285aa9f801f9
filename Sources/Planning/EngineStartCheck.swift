import ServingDomain

extension Case {
    /// Why the engine would not start a worker that shares the model so.
    ///
    /// - Returns: none where its rules are not obeyed (`planning.engine_rules: ignore`).
    func startObstacles(to kind: WorkerKind, _ split: ModelSplit) -> [LayoutObstacle] {
        guard !planning.ignoresEngineRules else { return [] }
        return [
            cutBlocks(kind, split).map { LayoutObstacle(rule: .blocks, message: $0) },
            partlyDealt(kind, split).map { LayoutObstacle(rule: .experts, message: $0) },
        ].compactMap(\.self)
    }

    /// Workers of a layout that the engine would not start, whether or not the case obeys its rules.
    func startConflicts(on layout: Deployment) -> [EngineConflict] {
        let behaviour = engine.behaviour
        let conflicts =
            layout.servingGroups.flatMap {
                startConflicts($0.kind, $0.parallelism.split ?? behaviour.servingSplit)
            }
            + layout.prefillGroups.flatMap {
                startConflicts($0.kind, $0.parallelism.split ?? behaviour.prefillSplit)
            }
        return conflicts.reduce(into: []) { found, conflict in
            if !found.contains(conflict) { found.append(conflict) }
        }
    }

    private func startConflicts(_ kind: WorkerKind, _ split: ModelSplit) -> [EngineConflict] {
        [
            cutBlocks(kind, split).map { EngineConflict(rule: .cutWeightBlocks, message: $0) },
            partlyDealt(kind, split).map { EngineConflict(rule: .partialExperts, message: $0) },
        ].compactMap(\.self)
    }

    /// Experts that are dealt out over some GPUs of a worker and shared by the others; nil where they are
    /// not, and where nobody has said what the engine does.
    private func partlyDealt(_ kind: WorkerKind, _ split: ModelSplit) -> String? {
        let gpus = split.gpus(kind.degree)
        guard let rule = engine.rules.partialExperts, !rule.value, model.mixture != nil,
            1 < split.expertDegree, split.expertDegree < gpus,
            gpus.isMultiple(of: split.expertDegree)
        else { return nil }
        return
            "\(engine.name) deals the experts of \(model.name) out over all \(gpus) GPUs of \(worker(kind, split)) "
            + "or over none, not over \(split.expertDegree) (\(rule.origin))"
    }

    private func worker(_ kind: WorkerKind, _ split: ModelSplit) -> String {
        guard kind.parallelism.split == nil else { return "\(kind.parallelism)" }
        return "TP \(kind.degree)" + (split.ranks > 1 ? " in \(split.ranks) ranks" : "")
    }

    /// What is cut; nil where nothing is, where nobody has said what the engine does, and where heads or
    /// experts cannot be shared at all, which is told instead.
    private func cutBlocks(_ kind: WorkerKind, _ split: ModelSplit) -> String? {
        let gpus = split.gpus(kind.degree)
        guard let rule = engine.rules.cutWeightBlocks, !rule.value,
            model.divides(by: kind.degree), gpus.isMultiple(of: min(gpus, split.expertDegree)),
            let cut = model.cutBlocks(weightFormat, degree: kind.degree, split: split)
        else { return nil }
        let instead =
            switch (cut.isWholeUncut, cut.part) {
            case (false, _): "take other weights"
            case (true, .routedExpert):
                "deal the experts out (engine.expert_parallel) or take a smaller degree"
            case (true, _): "take a smaller degree"
            }
        return "\(engine.name) does not start \(model.name) in \(weightFormat.rawValue) at "
            + "\(worker(kind, split)): \(cut.share) of the \(cut.columns) columns of "
            + "\(cut.part.rawValue) for each GPU are no whole blocks of \(cut.block); \(instead) "
            + "(\(rule.origin))"
    }
}
