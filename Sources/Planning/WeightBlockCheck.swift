import ServingDomain

extension Case {
    /// GPUs that would not get whole blocks of weights, where the engine does not start so.
    ///
    /// - Returns: nil where its rules are not obeyed (`planning.engine_rules: ignore`).
    func blockObstacle(to kind: WorkerKind, _ split: ModelSplit) -> LayoutObstacle? {
        guard !planning.ignoresEngineRules, let message = cutBlocks(kind, split) else { return nil }
        return LayoutObstacle(rule: .blocks, message: message)
    }

    /// Workers of a layout whose GPUs would not get whole blocks of weights, whether or not the case obeys
    /// its engine's rules.
    func blockConflicts(on layout: Deployment) -> [EngineConflict] {
        let behaviour = engine.behaviour
        let messages =
            layout.servingGroups.map {
                cutBlocks($0.kind, $0.parallelism.split ?? behaviour.servingSplit)
            }
            + layout.prefillGroups.map {
                cutBlocks($0.kind, $0.parallelism.split ?? behaviour.prefillSplit)
            }
        return messages.compactMap(\.self).reduce(into: []) { found, message in
            let conflict = EngineConflict(rule: .cutWeightBlocks, message: message)
            if !found.contains(conflict) { found.append(conflict) }
        }
    }

    /// What is cut; nil where nothing is, where nobody has said what the engine does, and where heads or
    /// experts cannot be shared at all, which is told instead.
    private func cutBlocks(_ kind: WorkerKind, _ split: ModelSplit) -> String? {
        let gpus = split.gpus(kind.degree)
        guard let rule = engine.rules.cutWeightBlocks, !rule.value,
            model.divides(by: kind.degree), gpus.isMultiple(of: min(gpus, split.expertDegree)),
            let cut = model.cutBlocks(weightFormat, degree: kind.degree, split: split)
        else { return nil }
        let ranks =
            kind.parallelism.split == nil && split.ranks > 1 ? " in \(split.ranks) ranks" : ""
        let worker = kind.parallelism.split == nil ? "TP \(kind.degree)" : "\(kind.parallelism)"
        let instead =
            switch (cut.isWholeUncut, cut.part) {
            case (false, _): "take other weights"
            case (true, .routedExpert):
                "deal the experts out (engine.expert_parallel) or take a smaller degree"
            case (true, _): "take a smaller degree"
            }
        return "\(engine.name) does not start \(model.name) in \(weightFormat.rawValue) at "
            + "\(worker)\(ranks): \(cut.share) of the \(cut.columns) columns of "
            + "\(cut.part.rawValue) for each GPU are no whole blocks of \(cut.block); \(instead) "
            + "(\(rule.origin))"
    }
}
