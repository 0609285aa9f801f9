import Catalog
import CostModeling
import Foundation
import Planning
import Scheduling
import ServingDomain
import Workloads

/// Reads case files and everything that they mention.
struct CaseSource {
    let common: CommonOptions
    let catalog: Catalog
    /// Whether constants come from calibrations in the store, where it has some.
    let usesCalibrations: Bool

    init(_ common: CommonOptions, usesCalibrations: Bool = true) throws(Failure) {
        self.common = common
        self.usesCalibrations = usesCalibrations
        do {
            catalog = try Catalog(
                modelsDirectory: common.models, hardwareDirectory: common.hardware)
        } catch {
            throw Failure(error)
        }
    }

    /// Reads a case file; what one from standard input mentions lies in the working directory.
    func draft(path: String) throws(Failure) -> CaseDraft {
        let data = try Console.read(path)
        return try draft { () throws(CatalogError) in try parsed(data, path) }
    }

    /// Reads a case file whose faults are part of an answer.
    func parsed(_ data: Data, _ path: String) throws(CatalogError) -> CaseDraft {
        var draft = try CaseFile.parse(
            bytes: [UInt8](data), fileName: Console.name(of: path), catalog: catalog)
        if let seed = common.seed { draft.planning.seed = seed }
        return draft
    }

    /// Reads a case from text that `name` stands for in messages, as `reworded`.
    func draft(
        text: String, name: String, reworded: (CatalogError) -> CatalogError
    ) throws(Failure) -> CaseDraft {
        try draft { () throws(CatalogError) in
            do throws(CatalogError) {
                return try CaseFile.parse(text: text, fileName: name, catalog: catalog)
            } catch {
                throw reworded(error)
            }
        }
    }

    private func draft(
        _ parse: () throws(CatalogError) -> CaseDraft
    ) throws(Failure) -> CaseDraft {
        do {
            var draft = try parse()
            if let seed = common.seed { draft.planning.seed = seed }
            return draft
        } catch {
            throw Failure(error)
        }
    }

    /// Reads the trace, fits or takes over the costs, and computes a preset of targets.
    ///
    /// - Parameters:
    ///   - draft: the case.
    ///   - kinds: workers that costs are needed of.
    /// - Returns: the case with them.
    /// - Throws: where a file that the case names cannot be read.
    func load(_ draft: CaseDraft, kinds: [WorkerKind]) throws(Failure) -> LoadedCase {
        let (workload, notes) = try workload(draft)
        try checkTenants(draft, workload)
        var draft = draft
        draft.policy.table = try policyTable(draft)
        draft.warnings += notes
        let preset = draft.presetWorker
        let wanted = kinds.contains(preset) ? kinds : kinds + [preset]
        let costs: CostModel
        let recipe: CostRecipe?
        let origin: CostOrigin
        var interval: PredictionInterval?
        if let stated = draft.statedCosts {
            costs = stated.model(of: wanted, draft.platform, draft.engine)
            (recipe, origin) = (nil, CostOrigin(stated))
        } else {
            let pools = try profiled(&draft, workload, wanted)
            (costs, interval, origin) = try pools.calibrated(&draft, by: self)
            recipe = pools.first.keeping(kinds)
        }
        Console.sayInDetail("costs of the case: \(origin.source) (\(origin.digest))")
        let service = service(draft, workload, costs)
        return LoadedCase(
            draft: draft, question: draft.question(workload: workload, service: service),
            planningCase: draft.resolved(workload: workload, service: service),
            costs: costs.keeping(kinds), recipe: recipe, origin: origin,
            interval: interval)
    }

    /// The same; with the policy and the settings that the engine has, where it cannot run what the case asks
    /// for and that is meant.
    func load(
        _ draft: CaseDraft, kinds: [WorkerKind], runnable: Bool
    ) throws(Failure) -> LoadedCase {
        let loaded = try load(draft, kinds: kinds)
        guard runnable, let adaptation = loaded.planningCase?.adaptation else { return loaded }
        var adapted = draft
        adapted.policy = adaptation.planningCase.policy
        adapted.engine.behaviour = adaptation.planningCase.engine.behaviour
        return try load(adapted, kinds: kinds)
    }

    /// What costs are added up from by the curves of profiles, whose bandwidths may become the draft's.
    private func profiled(
        _ draft: inout CaseDraft, _ workload: Workload, _ kinds: [WorkerKind]
    ) throws(Failure) -> PoolRecipes {
        guard let platform = draft.platform else {
            throw Failure(ToolExit.internalFault, "a case with neither costs nor GPUs was accepted")
        }
        var pools: [PoolRecipes.Pool] = []
        for (place, pool) in platform.pools.enumerated() {
            let own = kinds.filter { $0.pool == pool.name }
            let profile = try CostProfile.find(
                for: pool, platform, draft, kinds: own, common: common, catalog: catalog)
            draft.prefer(profile.measuredCopyBandwidth, inPool: place, from: profile.source)
            let links = draft.platform?.pools[place] ?? pool
            pools.append(
                PoolRecipes.Pool(
                    name: pool.name, gpu: pool.hardware.name,
                    recipe: CostRecipe(
                        model: ServedModel(platform, draft.engine), pool: pool.name, kinds: own,
                        resolver: CurveResolver(
                            fit: profile.fit,
                            roofline: Roofline(
                                hardware: pool.hardware,
                                gpusPerNode: pool.cluster.gpusPerNode,
                                mxfp4Activations: draft.engine.expertActivations.format(
                                    on: pool.hardware.name))),
                        transfer: TransferCosts(links, platform, draft.engine)),
                    origin: CostOrigin(
                        source: profile.source, digest: profile.digest,
                        profiles: [profile.facts(of: pool.hardware.name)])))
        }
        return PoolRecipes(pools: pools)
    }

    /// The calibration that the store has for a platform; nil where it has none or is not to be asked.
    func calibration(
        of gpu: String, _ draft: CaseDraft, beside timings: String
    ) throws(Failure) -> EngineCalibration? {
        guard usesCalibrations, let platform = draft.platform else { return nil }
        return try EngineCalibration(
            PlatformKey(
                gpu: gpu, engine: draft.engine.name, model: platform.model.name,
                version: draft.engine.version.flatMap(EngineVersion.init)),
            beside: timings, common: common)
    }

    /// How far predictions are off after a calibration to so many measurements, by public ones; on a GPU whose
    /// kernels were timed, or on another.
    func usualInterval(
        of engine: String, after measurements: Int, timed: Bool
    ) throws(Failure) -> PredictionInterval? {
        do {
            return try catalog.engine(named: engine).interval(
                after: measurements, timed: timed)
        } catch {
            throw Failure(error)
        }
    }

    /// What an engine adds to kernels without a calibration.
    func usualOverhead(of engine: String) throws(Failure) -> EngineOverhead {
        do {
            return try catalog.engine(named: engine).defaults.overhead
        } catch {
            throw Failure(error)
        }
    }

    private func service(
        _ draft: CaseDraft, _ workload: Workload, _ costs: CostModel
    ) -> ServiceLevel {
        switch draft.service {
        case .bounds(let level): level
        case .paperPreset(let goal, let headline, let statistic):
            PaperServiceLevel.level(
                workload: workload, costs: costs, worker: draft.presetWorker,
                seed: draft.planning.seed,
                attainmentGoal: goal, headline: headline, itlStatistic: statistic)
        }
    }

    /// The table that the policy decides by, where the case names one.
    private func policyTable(_ draft: CaseDraft) throws(Failure) -> PolicyTable? {
        guard draft.policy.definition.usesTable, let file = draft.policyTable else { return nil }
        return try PolicyTableFile(path: file.path).table
    }

    private func workload(
        _ draft: CaseDraft
    ) throws(Failure) -> (workload: Workload, notes: [String]) {
        switch draft.workload {
        case .synthetic(let sessions, let rate):
            let workload = draft.offered(.synthetic(sessions), rate: rate)
            return (workload, contextWarnings(workload, draft) + profileWarnings(workload, draft))
        case .trace(let file, let format, let rate):
            let trace = try RecordedTrace.read([file.path], format, for: .sessions)
            guard trace.sessions.count > 0 else {
                throw Failure(
                    ToolExit.badData,
                    "\(file.path): holds figures of requests and no requests (\(trace.format.rawValue)); "
                        + "give a trace, or lengths and rates in the case.")
            }
            let own = draft.arrivals == .closed ? .unlimited : trace.sessions.meanRate
            guard let rate = rate ?? own else {
                throw Failure(
                    ToolExit.badData,
                    "\(file.path): all sessions arrive at one instant, so the trace has no rate; "
                        + "set workload.rate_per_s.")
            }
            let workload = draft.offered(.recorded(trace.sessions), rate: rate)
            return (workload, trace.notes + contextWarnings(workload, draft))
        }
    }

    /// Says when runs see only a part of a profile of rates.
    private func profileWarnings(_ workload: Workload, _ draft: CaseDraft) -> [String] {
        guard case .profile(let cycle) = workload.arrivals else { return [] }
        let seconds = Double(draft.planning.sessions) / workload.rate.sessionsPerSecond
        guard seconds < cycle.period else { return [] }
        return [
            "\(draft.planning.sessions) sessions arrive in about \(seconds.rounded()) s of a rate profile "
                + "of \(cycle.period) s: figures are those of its beginning; raise planning.sessions, or "
                + "plan for the highest rate of the profile."
        ]
    }

    /// Refuses targets of a tenant whom no session belongs to.
    private func checkTenants(_ draft: CaseDraft, _ workload: Workload) throws(Failure) {
        guard case .bounds(let level) = draft.service, !level.tenants.isEmpty else { return }
        let known = workload.tenants
        var source = "slo.tenants"
        if case .trace(let file, _, _) = draft.workload { source = file.path }
        guard let unknown = level.tenants.first(where: { !known.contains($0.name) }) else { return }
        throw Failure(
            ToolExit.badData,
            known.isEmpty
                ? "\(source): found no tenants, expected '\(unknown.name)' and others of slo.tenants; "
                    + "`workload mix` makes a trace that names them."
                : "\(source): found the tenants \(known.joined(separator: ", ")), expected also "
                    + "'\(unknown.name)' of slo.tenants; correct its name.")
    }

    /// Says when sessions outgrow the model's window.
    private func contextWarnings(_ workload: Workload, _ draft: CaseDraft) -> [String] {
        guard let model = draft.platform?.model else { return [] }
        let sessions = SessionGenerator(workload: workload, seed: draft.planning.seed)
            .sessions(count: 1000, rate: workload.rate)
        let warning = WorkloadSummary(sessions)?.contextWarning(window: model.maxContext)
        return warning.map { [$0] } ?? []
    }
}

extension Failure {
    /// Missing files are 66, unreadable ones 74, everything else in a catalogue file is bad data.
    init(_ error: CatalogError) {
        switch error {
        case .unreadable(let file, _) where !FileManager.default.fileExists(atPath: file):
            self.init(ToolExit.missingInput, error.description)
        case .unreadable: self.init(ToolExit.readWrite, error.description)
        default: self.init(ToolExit.badData, error.description)
        }
    }
}
