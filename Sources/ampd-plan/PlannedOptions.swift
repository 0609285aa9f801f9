import ArgumentParser
import Catalog
import ServingDomain

/// A plan that was made, and which of its layouts is meant.
struct PlannedOptions: ParsableArguments {
    @Argument(help: "Plan document (JSON) written by the plan command.", completion: .anyFile)
    var planFile: String

    @OptionGroup var place: RankOption

    @Option(
        name: .customLong("case"),
        help: ArgumentHelp(
            "Case file (YAML) in place of the plan's own case, whose paths are relative to the "
                + "plan document."), completion: .anyFile)
    var caseFile: String?

    /// The plan that is meant: the one that is asked for, else what the document recommends.
    func rank(in plans: PlanFile) -> Int { place.rank ?? plans.recommendedRank }

    var file: PlanFile {
        get throws(Failure) { try PlanFile(path: planFile, isRunnable: place.runnable) }
    }

    /// The case that was planned or is given in its place, at the rate of the plan.
    ///
    /// - Parameters:
    ///   - plans: the document.
    ///   - effort: how often its layouts are simulated.
    ///   - source: reads the case.
    ///   - path: of the document; nil for the one of the options.
    /// - Returns: the case.
    /// - Throws: where the case cannot be read.
    func draft(
        of plans: PlanFile, _ effort: PlanFile.Effort, _ source: CaseSource, path: String? = nil
    ) throws(Failure) -> CaseDraft {
        try plans.draft(
            rank: rank(in: plans), effort, casePath: caseFile, path: path ?? planFile, source)
    }

    /// The layout that is meant, with its ranks counted as engines, and the case ready to be simulated.
    ///
    /// Says what is odd about the case, and where its costs are not those of the plan.
    ///
    /// - Parameters:
    ///   - plans: the document.
    ///   - source: reads the case.
    ///   - command: who asks, for messages.
    /// - Returns: the layout, the case, and what it was loaded from.
    /// - Throws: where something cannot be read, or the layout cannot run.
    func chosen(
        of plans: PlanFile, _ source: CaseSource, for command: String
    ) throws(Failure) -> (layout: Deployment, planningCase: Case, loaded: LoadedCase) {
        let asked = try plans.deployment(rank: rank(in: plans))
        let draft = try draft(of: plans, .usual, source)
        let layout = draft.engine.behaviour.countingEngines(asked)
        let loaded = try source.load(draft, kinds: layout.kinds, runnable: place.runnable)
        let planningCase = try loaded.searchable(for: command)
        warn(of: loaded, plans)
        try loaded.refuse(layout)
        return (layout, planningCase, loaded)
    }

    /// Says what is odd about the case, and where its costs are not those of the plan.
    func warn(of loaded: LoadedCase, _ plans: PlanFile) {
        loaded.warnings.forEach { Console.say("warning: \($0)") }
        plans.notes(on: loaded).forEach { Console.say("warning: \($0)") }
    }
}

extension PlanFile {
    /// Where the costs at hand are not those that the plan was made with.
    func notes(on loaded: LoadedCase) -> [String] {
        guard let digest = profileDigest, digest != loaded.origin.digest else { return [] }
        return [
            "the plan was made with other costs (\(digest)); these are "
                + "\(loaded.origin.digest), and figures may differ"
        ]
    }
}
