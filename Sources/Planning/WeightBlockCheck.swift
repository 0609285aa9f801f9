import ServingDomain

extension Case {
    /// GPUs that would not get whole blocks of weights, where the engine does not start so.
    ///
    /// - Returns: nil where they do, where nobody has said what the engine does, where its rules are
    ///   not obeyed (`planning.engine_rules: ignore`), and where heads or experts cannot be shared at
    ///   all, which is told instead.
    func blockObstacle(to kind: WorkerKind, _ split: ModelSplit) -> LayoutObstacle? {
        let gpus = split.gpus(kind.degree)
        guard !planning.ignoresEngineRules, let rule = engine.rules.cutWeightBlocks, !rule.value,
            model.divides(by: kind.degree), gpus.isMultiple(of: min(gpus, split.expertDegree)),
            let cut = model.cutBlocks(weightFormat, degree: kind.degree, split: split)
        else { return nil }
        let worker = kind.parallelism.split == nil ? "TP \(kind.degree)" : "\(kind.parallelism)"
        let instead =
            cut.part == .routedExpert
            ? "deal the experts out (engine.expert_parallel) or take a smaller degree"
            : "take a smaller degree"
        return LayoutObstacle(
            rule: .blocks,
            message: "\(engine.name) does not start \(model.name) in \(weightFormat.rawValue) at "
                + "\(worker): \(cut.share) of the \(cut.columns) columns of \(cut.part.rawValue) "
                + "for each GPU are no whole blocks of \(cut.block); \(instead) (\(rule.origin))")
    }
}
