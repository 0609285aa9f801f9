import Catalog
import CostModeling
import Deploying
import Planning
import ServingDomain

/// Checks cases, plans and manifests one after the other.
struct SubjectChecking {
    let source: CaseSource
    let demands: LayoutChecking.Demands
    let place: RankOption
    /// What everything is to be no worse than; nil where nothing was named.
    let former: LayoutChecking.Other?
    let jobs: Int

    // MARK: Cases

    /// A case by itself, or with a layout: one that is given, else the case's own.
    func check(casePath path: String, layout given: Deployment?) async throws(Failure)
        -> CheckedSubject
    {
        let (data, name) = (try Console.read(path), Console.name(of: path))
        let draft: CaseDraft
        do throws(CatalogError) {
            draft = try source.parsed(data, path)
        } catch {
            return CheckedSubject(broken: name, error, kind: .case)
        }
        let places = CasePlaces(bytes: [UInt8](data), file: name)
        let chosen = given ?? draft.layout
        let loaded = try load(draft, chosen)
        guard let chosen else {
            _ = try loaded.searchable(for: "check without a layout")
            let findings = LayoutRules(.colocated([])).findings(loaded.nothingFits)
            return subject(name, .case, [name], nil, loaded, places.placing(findings))
        }
        let layout = loaded.question.engine.behaviour.countingEngines(chosen)
        let findings = await checking(loaded).findings(layout, best: nil, former: former)
        return subject(name, .case, [name], layout, loaded, places.placing(findings))
    }

    // MARK: Plans

    /// The plan that is meant of a document, under its own case or a given one.
    func check(planPath path: String, casePath: String?) async throws(Failure) -> CheckedSubject {
        let name = Console.name(of: path)
        let plans = try PlanFile(path: path, isRunnable: place.runnable)
        let rank = place.rank ?? plans.recommendedRank
        let draft = try self.draft(of: plans, path, casePath, rank: rank)
        let chosen = try plans.deployment(rank: rank)
        let best = LayoutChecking.Other(
            layout: try plans.deployment(rank: 1), name: "the best plan")
        let loaded = try load(draft, chosen, best.layout)
        let engines = loaded.question.engine.behaviour
        let layout = engines.countingEngines(chosen)
        var findings = await checking(loaded).findings(
            layout,
            best: LayoutChecking.Other(
                layout: engines.countingEngines(best.layout), name: best.name),
            former: former)
        findings += plans.solverFindings
        return subject(name, .plan, [name], layout, loaded, findings)
    }

    // MARK: Manifests

    /// What a deployment is checked under.
    enum Context {
        case casePath(String)
        case planPath(String, casePath: String?)
        case nothing
    }

    /// The deployment that manifests describe.
    func check(
        _ described: DescribedDeployment, in files: [ManifestFile], _ context: Context
    ) async throws(Failure) -> CheckedSubject {
        let paths = files.map(\.path)
        var findings = described.faults
        // What a schema refuses would not run as it is read here.
        let isRefused = findings.contains { $0.rule == .schema }
        if !isRefused { findings += described.findings }
        guard let intended = try intended(context) else {
            if let layout = described.layout { findings += LayoutRules(layout).singleWorkers }
            return CheckedSubject(
                name: described.name, kind: .manifest, files: paths, layout: described.layout,
                caseName: nil, trust: nil, findings: findings)
        }
        findings += described.differences(from: intended.deployment)
        guard let asRead = described.layout, !isRefused else {
            return CheckedSubject(
                name: described.name, kind: .manifest, files: paths, layout: described.layout,
                caseName: intended.draft.name, trust: nil, findings: findings)
        }
        let (draft, changes) = described.settings(
            over: intended.draft, named: intended.deployment.model)
        if intended.deployment.digest == nil {
            changes.forEach { Console.say("note: \(described.name): \($0)") }
        } else {
            findings += described.drifts(changes, from: intended.deployment)
        }
        let loaded = try load(draft, asRead, intended.deployment.layout)
        if let longest = loaded.longestContext { findings += described.tooShort(for: longest) }
        let layout = asRead.normalised(to: loaded.question.engine.behaviour)
        if let planned = loaded.planningCase {
            findings += described.missing(planned.neededSettings(for: layout))
        }
        findings += await checking(loaded).findings(
            layout,
            best: intended.deployment.layout.map {
                LayoutChecking.Other(
                    layout: $0.normalised(to: loaded.question.engine.behaviour),
                    name: intended.deployment.source)
            }, former: former)
        // What is said of the whole stands where it is described.
        let placed = findings.map { finding in
            var placed = finding
            placed.place = finding.place ?? described.place
            return placed
        }
        return subject(described.name, .manifest, paths, layout, loaded, placed)
    }

    /// The case of a context, and what its manifests should describe.
    private func intended(
        _ context: Context
    ) throws(Failure) -> (draft: CaseDraft, deployment: IntendedDeployment)? {
        switch context {
        case .nothing: return nil
        case .casePath(let path):
            let draft = try source.draft(path: path)
            return (
                draft, intended(draft, Console.name(of: path), layout: draft.layout, digest: nil)
            )
        case .planPath(let path, let casePath):
            let plans = try PlanFile(path: path, isRunnable: place.runnable)
            let rank = place.rank ?? plans.recommendedRank
            let draft = try self.draft(of: plans, path, casePath, rank: rank)
            return (
                draft,
                intended(
                    draft, Console.name(of: path), layout: try plans.deployment(rank: rank),
                    digest: plans.digest)
            )
        }
    }

    private func intended(
        _ draft: CaseDraft, _ path: String, layout: Deployment?, digest: String?
    ) -> IntendedDeployment {
        let name = draft.platform?.model.name
        let names = name.map { source.catalog.everyName(ofModel: $0) } ?? ModelNames([])
        return IntendedDeployment(
            source: path, layout: layout, model: names, engine: draft.engine,
            kvFormat: draft.platform?.kvFormat, digest: digest)
    }

    // MARK: All of them

    private func checking(_ loaded: LoadedCase) -> LayoutChecking {
        LayoutChecking(loaded: loaded, demands: demands, jobs: jobs)
    }

    /// As the plan was simulated, which took more runs where layouts were hard to tell apart.
    private func draft(
        of plans: PlanFile, _ path: String, _ casePath: String?, rank: Int
    ) throws(Failure) -> CaseDraft {
        let draft = try plans.draft(
            rank: rank, .likeThePlan, casePath: casePath, path: path, source)
        if let rate = plans.rate {
            Console.say("note: checked at \(rate) sessions/s, the rate of the plan")
        }
        return draft
    }

    private func load(_ draft: CaseDraft, _ layouts: Deployment?...) throws(Failure) -> LoadedCase {
        let wanted = layouts.compactMap { $0 } + (former.map { [$0.layout] } ?? [])
        let counted = wanted.map(draft.engine.behaviour.countingEngines)
        let kinds = wanted.isEmpty ? draft.searchedKinds() : (wanted + counted).kinds
        let loaded = try source.load(draft, kinds: kinds, runnable: place.runnable)
        loaded.warnings.forEach { Console.say("warning: \($0)") }
        return loaded
    }

    private func subject(
        _ name: String, _ kind: CheckedSubject.Kind, _ files: [String], _ layout: Deployment?,
        _ loaded: LoadedCase, _ findings: [Finding]
    ) -> CheckedSubject {
        CheckedSubject(
            name: name, kind: kind, files: files, layout: layout,
            caseName: loaded.draft.name, trust: loaded.costs.trust.headline, findings: findings)
    }
}
