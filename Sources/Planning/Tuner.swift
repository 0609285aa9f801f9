public import CostModeling
import Scheduling
public import ServingDomain
import Simulation

/// Tries values of the settings of a policy and an engine on one layout.
///
/// One setting after the other: every value serves the same sessions, and the best one stays for the
/// settings behind it. What was chosen is then compared with the case's own settings on other sessions, for
/// the best of several is the best by luck too.
public struct Tuner: Sendable {
    /// Runs of each side of a comparison, at least.
    private static let confirmations = 10

    private let planningCase: Case
    private let costs: CostModel
    private let jobs: Int
    private let progress: ProgressReport

    public init(
        planningCase: Case, costs: CostModel, jobs: Int,
        progress: @escaping @Sendable (PlanningProgress) -> Void = { _ in }
    ) {
        self.planningCase = planningCase
        self.costs = costs
        self.jobs = jobs
        self.progress = ProgressReport(progress)
    }

    /// Tunes a layout that can run.
    ///
    /// - Precondition: the costs were built for its degrees.
    public func tune(_ layout: Deployment) async -> Tuning {
        var current = planningCase
        var sweeps: [Tuning.Sweep] = []
        for setting in TunedSetting.all(layout, planningCase) {
            let sweep = await sweep(setting, setting.candidates(in: current), current, layout)
            setting.set(sweep.chosen, in: &current)
            sweeps.append(sweep)
        }
        return Tuning(
            planningCase: planningCase, layout: layout, sweeps: sweeps,
            confirmation: sweeps.contains { $0.chosen != $0.before }
                ? await confirm(planningCase, current, layout) : nil,
            threshold: await threshold(layout))
    }

    /// Tokens below which a prompt stays on its decode worker; from 0, for none.
    ///
    /// - Parameter layout: that can run.
    /// - Returns: what was tried; nil of co-located layouts, and where the engine does not prefill there.
    /// - Precondition: the costs were built for its degrees.
    public func threshold(
        _ layout: Deployment
    ) async -> (sweep: Tuning.Sweep, confirmation: Tuning.Confirmation?)? {
        guard !layout.prefillGroups.isEmpty,
            planningCase.engine.rules.localPrefill?.value != false
        else { return nil }
        var base = planningCase
        base.policy = ServingPolicy(name: .dynamoConditionalV0)
        base.policy[.maxPrefillQueue] = 1_000_000
        let knob = PolicyKnob.maxLocalPrefill
        base.policy[knob] = 0
        let values: [Double] = [0, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384]
        let sweep = await sweep(.knob(knob), values, base, layout)
        guard sweep.chosen > 0 else { return (sweep, nil) }
        var chosen = base
        chosen.policy[knob] = sweep.chosen
        return (sweep, await confirm(base, chosen, layout))
    }

    /// Runs every value on the same sessions; the first is kept unless another is better.
    private func sweep(
        _ setting: TunedSetting, _ values: [Double], _ base: Case, _ layout: Deployment
    ) async -> Tuning.Sweep {
        progress(.simulation, "trying \(values.count) values of \(setting.key)")
        let cases = values.map { value in
            var changed = base
            setting.set(value, in: &changed)
            return changed
        }
        var digests = values.map { _ in DigestedRuns() }
        for found in await runs(cases, layout, replications: base.planning.replications) {
            digests[found.place].append(RunDigest(found.result, base.service))
        }
        let standings = digests.map { Standing($0) }
        let best = standings.indices.min { (standings[$0], $0) < (standings[$1], $1) } ?? 0
        let rows = values.indices.map { place in
            Tuning.Sweep.Row(
                value: values[place],
                attainment: standings[place].isOverloaded ? nil : standings[place].attainment,
                pressure: standings[place].pressure)
        }
        return Tuning.Sweep(
            setting: setting, before: values[0], chosen: values[best],
            rows: rows.sorted { $0.value < $1.value })
    }

    /// Both on sessions of another seed.
    private func confirm(
        _ before: Case, _ after: Case, _ layout: Deployment
    ) async -> Tuning.Confirmation {
        let count = max(Self.confirmations, planningCase.planning.replications)
        progress(.simulation, "comparing the settings on other sessions")
        let cases = [before, after].map { planningCase in
            var fresh = planningCase
            fresh.planning.seed &+= 1
            return fresh
        }
        var results: [[SimulationResult]] = [[], []]
        for found in await runs(cases, layout, replications: count) {
            results[found.place].append(found.result)
        }
        let headline = ServingStatistic.attainment(planningCase.service.headline)
        let comparison = PairedComparison(
            results[0], results[1],
            of: [headline, .latency(.ttft, .p95), .latency(.itl, .p95)])
        return Tuning.Confirmation(
            before: ServingReport(results[0]), after: ServingReport(results[1]),
            differences: comparison.differences, replications: count)
    }

    private func runs(
        _ cases: [Case], _ layout: Deployment, replications count: Int
    ) async -> [(place: Int, result: SimulationResult)] {
        guard let first = cases.first else { return [] }
        let replications = simulation(first).replications
        var tasks: [(setup: NamedSetup, replication: Int)] = []
        for planningCase in cases {
            let setup = NamedSetup(
                await simulation(planningCase).completeSetup(layout))
            tasks += (0..<count).map { (setup, $0) }
        }
        let results = await replications.run(
            tasks, finished: progress.counting(.simulation, of: tasks.count)
        ) { $0 }
        return results.enumerated().map { ($0.offset / count, $0.element) }
    }

    private func simulation(_ planningCase: Case) -> DeploymentSimulation {
        DeploymentSimulation(planningCase: planningCase, costs: costs, jobs: jobs)
    }
}
